/** A word over the picture after a key or a tap: "+10 s", "1.25×". Also read aloud, because the screen alone would not tell. */

const SHOWN_MS = 900;

export class Saying {
  #place;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
  }

  /** @param {import("./requests.js").Said | null} said @param {number} [forMs] */
  say(said, forMs = SHOWN_MS) {
    if (!said) return;
    clearTimeout(this.#timer);
    this.#place.textContent = said.words;
    this.#place.dataset.side = said.side ?? "middle";
    this.#place.hidden = false;
    this.#timer = setTimeout(() => {
      this.#place.hidden = true;
    }, forMs);
  }
}
