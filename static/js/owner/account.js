/** What was done for a film, step by step, as one can read it: how long each took, what was run, and the last it said. */

import { bytesText, clockText } from "../lib/clock.js";
import { gettext, interpolate, ngettext } from "../lib/words.js";

/** @param {string} state @returns {string} */
export function stateWord(state) {
  switch (state) {
    case "waiting":
      return gettext("waits for the steps before it");
    case "queued":
      return gettext("in the queue");
    case "running":
      return gettext("at work");
    case "done":
      return gettext("done");
    case "failed":
      return gettext("failed");
    default:
      return gettext("cancelled");
  }
}

/** "0.4 s", "52 s", "3:07". @param {number} seconds @returns {string} */
export function tookText(seconds) {
  if (seconds >= 60) return clockText(seconds);
  return interpolate(gettext("%(seconds)s s"), { seconds: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
}

/** What stands behind a step's title. @param {JobStep} step @returns {string} */
export function factsOf(step) {
  const isLeftOut = step.state === "failed" && step.is_optional;
  const facts = [isLeftOut ? gettext("left out") : stateWord(step.state)];
  if (step.state === "running") facts.push(interpolate(gettext("%(percent)s %"), { percent: Math.floor(step.percent) }));
  if (step.seconds !== null && step.state === "done") facts.push(tookText(step.seconds));
  if (step.attempts > 1) {
    facts.push(interpolate(ngettext("%(count)s attempt", "%(count)s attempts", step.attempts), { count: step.attempts }));
  }
  return facts.join(" · ");
}

/** @param {string} name @param {string} className @param {...(Node | string)} children @returns {HTMLElement} */
function element(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

/** @param {JobLogEntry} entry @returns {HTMLElement} */
function entryOf(entry) {
  if (!entry.command) {
    const words = [interpolate(gettext("Attempt %(number)s"), { number: entry.attempt }), entry.error?.message ?? ""];
    return element("p", "account__fault", words.join(": "), ...(entry.detail ? [element("code", "", entry.detail)] : []));
  }
  const program = entry.command.split(" ", 1)[0]?.split("/").at(-1) ?? "";
  const facts = [program];
  if (entry.seconds !== null) facts.push(tookText(entry.seconds));
  if (entry.max_rss_bytes) {
    facts.push(interpolate(gettext("%(size)s of memory"), { size: bytesText(entry.max_rss_bytes) }));
  }
  const summary = element("summary", "", facts.join(" · "));
  const said = entry.stderr ? [element("pre", "", entry.stderr)] : [];
  return element("details", "account__command", summary, element("pre", "", entry.command), ...said);
}

/**
 * Parts are counted; what was open stays open.
 * @param {FullJob} job
 * @param {HTMLElement} before what was shown until now: what was open there stays open
 * @returns {HTMLElement}
 */
export function accountOf(job, before) {
  const opened = new Set([...before.querySelectorAll("li > details[open]")].map((one) => one.getAttribute("data-step")));
  const rows = job.steps.map((step, number) => {
    const head = [element("b", "", titleOf(job, number)), " ", element("span", "soft", factsOf(step))];
    if (!step.log.length) return element("li", "account__step", element("p", "", ...head));
    const details = element("details", "", element("summary", "", ...head), ...step.log.map(entryOf));
    details.dataset.step = String(number);
    details.toggleAttribute("open", opened.has(String(number)));
    return element("li", "account__step", details);
  });
  return element("ol", "account", ...rows);
}

/** Parts are counted. @param {FullJob} job @param {number} number @returns {string} */
function titleOf(job, number) {
  const step = job.steps[number];
  if (!step) return "";
  const alike = job.steps.filter((one) => one.name === step.name);
  return alike.length > 1 ? `${step.title} (${alike.indexOf(step) + 1}/${alike.length})` : step.title;
}
