/**
 * <making-of data-video="id">: how an item is being made, in a bar and in words. With `data-follow` it asks for news itself;
 * otherwise somebody sets `.progress`. Sends `made` (bubbling) once, when something can be played or the work has failed.
 */

import { timeLeftText } from "./clock.js";
import { followVideo } from "./live.js";
import { gettext, interpolate, ngettext } from "./words.js";

const PROCESSING = 1;

/** What the work is at, in the reader's words. @param {string} stage @returns {string} */
export function stageWord(stage) {
  switch (stage) {
    case "probe":
      return gettext("Looking at the file");
    case "poster":
      return gettext("Taking a still");
    case "ladder":
    case "transcode":
      return gettext("Making every size");
    case "package":
      return gettext("Packing");
    case "verify":
      return gettext("Checking every frame");
    case "publish":
      return gettext("Putting it in place");
    default:
      return gettext("Working");
  }
}

/** One line: what happens now. @param {Progress} progress @returns {string} */
export function progressLine(progress) {
  if (progress.state === "queued" && progress.queue_place !== null) {
    if (progress.queue_place <= 1) return gettext("Next in the queue");
    return interpolate(gettext("Number %(place)s in the queue"), { place: progress.queue_place });
  }
  if (progress.state === "queued") return gettext("Waiting for its turn");
  if (progress.state === "paused") return gettext("Paused");
  if (progress.state === "failed") return progress.error?.message ?? gettext("This film could not be prepared.");
  if (progress.state === "cancelled") return gettext("Cancelled");
  if (progress.state === "done") return gettext("Ready");
  return stageWord(progress.stage);
}

/** @param {Progress} progress @returns {string} */
export function progressFigures(progress) {
  if (progress.state !== "running") return "";
  const percent = interpolate(gettext("%(percent)s %"), { percent: Math.floor(progress.percent) });
  return progress.seconds_left === null ? percent : `${percent} · ${timeLeftText(progress.seconds_left)}`;
}

/** @param {string} name @param {string} className @param {Node[]} children @returns {HTMLElement} */
function element(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

export class MakingOf extends HTMLElement {
  #line = element("span", "making__stage");
  #figures = element("span", "making__figures");
  #bar = document.createElement("progress");
  #rungs = element("div", "making__rungs");
  /** @type {(() => void) | null} */
  #stop = null;

  connectedCallback() {
    this.#bar.className = "progress";
    this.#bar.max = 100;
    this.#bar.setAttribute("aria-label", gettext("How far the film is"));
    this.#line.setAttribute("role", "status");
    this.replaceChildren(element("div", "making__line", this.#line, this.#figures), this.#bar, this.#rungs);
    const id = this.dataset.video;
    if (!("follow" in this.dataset) || !id) return;
    this.#stop = followVideo(id, (snapshot) => {
      this.progress = snapshot.progress;
      if (snapshot.status === PROCESSING) return;
      this.#stop?.();
      this.dispatchEvent(new CustomEvent("made", { bubbles: true, detail: snapshot }));
    });
  }

  disconnectedCallback() {
    this.#stop?.();
  }

  /** @param {Progress | null} progress */
  set progress(progress) {
    const isMoving = progress?.state === "running";
    setText(this.#line, progress ? progressLine(progress) : gettext("Waiting for news"));
    setText(this.#figures, progress ? progressFigures(progress) : "");
    if (isMoving && progress.percent > 0) this.#bar.value = progress.percent;
    else if (progress?.state === "done") this.#bar.value = 100;
    else this.#bar.removeAttribute("value");
    this.#bar.hidden = progress?.state === "failed" || progress?.state === "cancelled";
    const rungs = isMoving && progress.rungs.length > 1 ? progress.rungs : [];
    setText(this.#rungs, rungs.map((rung) => `${rung.label} ${Math.floor(rung.percent)} %`).join(" · "));
    this.#rungs.hidden = rungs.length === 0;
  }
}

/** Writes only what changed: a screen reader repeats what is written. @param {Element} place @param {string} text */
function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

customElements.define("making-of", MakingOf);
