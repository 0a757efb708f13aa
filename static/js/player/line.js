/** The line to the server while it is lost: tries again, further and further apart, and at once when the browser says it is back. */

import { backoffMs } from "../lib/backoff.js";

export class Line {
  /** @type {(() => void) | null} */
  #tryAgain = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #attempt = 0;
  #stop = new AbortController();
  #changed;

  /** @param {() => void} changed lost or back */
  constructor(changed) {
    this.#changed = changed;
    globalThis.addEventListener("online", () => this.#now(), { signal: this.#stop.signal });
  }

  get isLost() {
    return this.#tryAgain !== null;
  }

  /** @param {() => void} tryAgain */
  lost(tryAgain) {
    const isNew = !this.isLost;
    this.#tryAgain = tryAgain;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#now(), backoffMs(this.#attempt, { mostMs: 8000 }));
    this.#attempt += 1;
    if (isNew) this.#changed();
  }

  back() {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    if (!this.isLost) return;
    this.#tryAgain = null;
    this.#changed();
  }

  close() {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  #now() {
    clearTimeout(this.#timer);
    this.#tryAgain?.();
  }
}
