/**
 * <making-of data-video="id">: how an item is being made, in a bar and in words. With `data-follow` it asks for news itself;
 * otherwise somebody sets `.progress`. Sends `made` (bubbling) once, when something can be played or the work has failed.
 * With `data-whole` it goes on until all is made, and sends `made` then as well.
 * With `data-steer` it has the buttons of the job too, goes on until all is made, and sends `news` (bubbling) with each
 * snapshot.
 */

import "./job-buttons.js";
import { followVideo } from "./live.js";
import { progressFigures, progressLine } from "./progress.js";
import { gettext } from "./words.js";

const PROCESSING = 1;
const ENDED = new Set(["done", "failed", "cancelled"]);
// A slot that has ended one part takes the next within a moment: no reason to speak of queues.
const BETWEEN_STEPS_MS = 1500;

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
  #buttons = /** @type {import("./job-buttons.js").JobButtons} */ (document.createElement("job-buttons"));
  #isMade = false;
  /** @type {(() => void) | null} */
  #stop = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #late;

  connectedCallback() {
    this.#bar.className = "progress";
    this.#bar.max = 100;
    this.#bar.setAttribute("aria-label", gettext("How far the film is"));
    this.#line.setAttribute("role", "status");
    this.replaceChildren(element("div", "making__line", this.#line, this.#figures), this.#bar, this.#rungs);
    if ("steer" in this.dataset) {
      this.#buttons.hidden = true;
      this.append(this.#buttons);
    }
    const id = this.dataset.video;
    if (!("follow" in this.dataset) || !id) return;
    this.#stop = followVideo(id, (snapshot) => this.#hear(snapshot));
  }

  disconnectedCallback() {
    clearTimeout(this.#late);
    this.#stop?.();
  }

  /** @param {VideoSnapshot} snapshot */
  #hear(snapshot) {
    this.progress = snapshot.progress;
    const isMade = snapshot.status !== PROCESSING;
    const isSteered = "steer" in this.dataset;
    const isOver = ENDED.has(snapshot.progress.state);
    const isWhole = "whole" in this.dataset;
    const isLast = isWhole ? isOver : !isSteered || snapshot.progress.state === "done";
    if (isMade && isLast) this.#stop?.();
    if (isMade && (!this.#isMade || (isWhole && isOver))) this.dispatchEvent(new CustomEvent("made", { bubbles: true, detail: snapshot }));
    if (isSteered) this.dispatchEvent(new CustomEvent("news", { bubbles: true, detail: snapshot }));
    this.#isMade = isMade; // what failed may be tried again
  }

  /** @param {Progress | null} progress */
  set progress(progress) {
    clearTimeout(this.#late);
    const isBetweenSteps = progress?.state === "queued" && this.dataset.state === "running";
    if (isBetweenSteps) this.#late = setTimeout(() => this.#show(progress), BETWEEN_STEPS_MS);
    else this.#show(progress);
  }

  /** @param {Progress | null} progress */
  #show(progress) {
    const isMoving = progress?.state === "running" || progress?.state === "queued" || progress?.state === "paused";
    this.dataset.state = progress?.state ?? "";
    this.#buttons.job = progress?.job ?? null;
    setText(this.#line, progress ? progressLine(progress) : gettext("Waiting for news"));
    setText(this.#figures, progress ? progressFigures(progress) : "");
    if (progress && progress.percent > 0 && progress.state !== "done") this.#bar.value = progress.percent;
    else if (progress?.state === "done") this.#bar.value = 100;
    else if (progress?.state === "paused") this.#bar.value = 0;
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
