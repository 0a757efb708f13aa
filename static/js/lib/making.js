/**
 * <making-of data-video="id">: how an item is being made, in a bar and in words. With `data-follow` it asks for news itself;
 * otherwise somebody sets `.progress`. Sends `made` (bubbling) once, when something can be played or the work has failed.
 */

import { followVideo } from "./live.js";
import { progressFigures, progressLine } from "./progress.js";
import { gettext } from "./words.js";

const PROCESSING = 1;

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
    if (progress && progress.percent > 0 && progress.state !== "done") this.#bar.value = progress.percent;
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
