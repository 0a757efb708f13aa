/** What stands in the picture's place while there is nothing to play: the making of it, or why not, in plain words. */

import { gettext } from "../lib/words.js";

/** @param {string} code of the refusal @param {string} detail what the server says @returns {{title: string, words: string}} */
export function refusal(code, detail) {
  switch (code) {
    case "rejected":
      return { title: gettext("Not approved"), words: detail || gettext("The moderators did not approve this film.") };
    case "failed":
      return { title: gettext("This film could not be prepared"), words: detail };
    case "stopped":
      return { title: gettext("This film is not being made any more"), words: detail };
    case "withdrawn":
      return { title: gettext("Withdrawn"), words: gettext("This film was taken off the programme.") };
    case "not_found":
      return { title: gettext("Not here any more"), words: gettext("This film is gone, or it is not for you.") };
    default:
      return { title: gettext("This film cannot be played"), words: detail };
  }
}

export class PlayerMessage {
  #box;
  #again;

  /** @param {HTMLElement} box @param {() => void} again the viewer asks for another try */
  constructor(box, again) {
    this.#box = box;
    this.#again = this.#part("[data-again]");
    this.#again.addEventListener("click", again);
  }

  hide() {
    this.#box.hidden = true;
  }

  /** @param {Progress | null} progress */
  making(progress) {
    this.#show(gettext("This film is being made"), gettext("It begins here by itself as soon as it can be played."));
    const making = /** @type {import("../lib/making.js").MakingOf} */ (this.#part("making-of"));
    making.hidden = false;
    making.progress = progress;
  }

  /** @param {string} code @param {string} detail */
  refused(code, detail) {
    const { title, words } = refusal(code, detail);
    this.#show(title, words);
  }

  broken() {
    this.#show(
      gettext("The picture stopped"),
      gettext("Your browser could not go on with this film. Another try often helps."),
    );
    this.#again.hidden = false;
  }

  /** @param {string} title @param {string} words */
  #show(title, words) {
    this.#part("[data-title]").textContent = title;
    this.#part("[data-words]").textContent = words;
    this.#part("making-of").hidden = true;
    this.#again.hidden = true;
    this.#box.hidden = false;
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    const found = this.#box.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`no ${selector} in the message`);
    return found;
  }
}
