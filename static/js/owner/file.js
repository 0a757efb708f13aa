/**
 * <film-file data-video data-part-bytes data-tus>: the file of a film in the owner's panel. Another may take its place, and the
 * film be taken back and brought back. Markup: templates/videos/_owner_file.html.
 */

import { bytesText } from "../lib/clock.js";
import { postJson, Problem } from "../lib/http.js";
import { gettext, interpolate } from "../lib/words.js";
import { Cancelled, LineLost, send } from "../upload/transfer.js";

/** @param {unknown} error @returns {string} */
function wordsFor(error) {
  if (error instanceof LineLost) return gettext("The line broke before the film had arrived.");
  if (error instanceof Problem) return error.body.detail ?? gettext("The server could not take this film.");
  if (error instanceof TypeError) return gettext("The server cannot be reached. Please try again.");
  throw error;
}

class FilmFile extends HTMLElement {
  /** @type {File | null} */
  #file = null;
  #cancel = () => {};
  #leaving = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();

  connectedCallback() {
    this.#input.addEventListener("change", () => this.#chosen());
    this.#part("[data-yes]").addEventListener("click", () => void this.#send());
    this.#part("[data-no]").addEventListener("click", () => this.#forget());
    this.#part("[data-cancel]").addEventListener("click", () => this.#cancel());
    const move = this.querySelector("[data-move]");
    if (move instanceof HTMLButtonElement) move.addEventListener("click", () => void this.#move(move));
  }

  #chosen() {
    this.#file = this.#input.files?.[0] ?? null;
    this.#part("[data-ask]").hidden = !this.#file;
    this.#part("[data-actions]").hidden = !!this.#file;
    this.#wrong("");
    this.#say("");
    if (!this.#file) return;
    const size = bytesText(this.#file.size);
    this.#part("[data-question]").textContent = interpolate(gettext("Replace the file with “%(name)s” (%(size)s)?"), { name: this.#file.name, size });
    this.#part("[data-yes]").focus();
  }

  #forget() {
    this.#file = null;
    this.#input.value = "";
    this.#part("[data-ask]").hidden = true;
    this.#part("[data-actions]").hidden = false;
    this.#input.focus();
  }

  async #send() {
    const file = this.#file;
    if (!file) return;
    this.#busy(true);
    const { done, cancel } = send({
      file,
      fields: { replaces: this.dataset.video ?? "" },
      how: { tusUrl: this.dataset.tus ?? "", partBytes: Number(this.dataset.partBytes) },
      interrupted: () => this.#say(gettext("The line broke. It goes on by itself.")),
      moved: (sent, total) => this.#moved(sent, total),
    });
    this.#cancel = cancel;
    try {
      await done;
      this.#busy(false);
      location.reload();
    } catch (error) {
      this.#busy(false);
      this.#forget();
      if (error instanceof Cancelled) this.#say(gettext("Cancelled"));
      else this.#wrong(wordsFor(error));
    }
  }

  /** @param {number} sent @param {number} total */
  #moved(sent, total) {
    const bar = /** @type {HTMLProgressElement} */ (this.#part("[data-bar]"));
    bar.max = total;
    bar.value = sent;
    const words = { sent: bytesText(sent), total: bytesText(total) };
    this.#part("[data-figures]").textContent = interpolate(gettext("%(sent)s of %(total)s"), words);
    this.#say("");
  }

  /** @param {boolean} isSending */
  #busy(isSending) {
    this.#part("[data-ask]").hidden = true;
    this.#part("[data-sending]").hidden = !isSending;
    this.#part("[data-actions]").hidden = isSending;
    if (isSending) this.#part("[data-cancel]").focus();
    (isSending ? addEventListener : removeEventListener)("beforeunload", this.#leaving);
  }

  /** @param {HTMLButtonElement} button */
  async #move(button) {
    button.disabled = true;
    this.#wrong("");
    try {
      await postJson(`/api/videos/${this.dataset.video}/${button.dataset.move}/`, {});
      location.reload(); // the page around says what it is now
    } catch (error) {
      button.disabled = false;
      this.#wrong(wordsFor(error));
    }
  }

  /** @param {string} words */
  #say(words) {
    this.#part("[data-said]").textContent = words;
  }

  /** @param {string} words */
  #wrong(words) {
    const line = this.#part("[data-wrong]");
    line.textContent = words;
    line.hidden = !words;
  }

  /** @returns {HTMLInputElement} */
  get #input() {
    return /** @type {HTMLInputElement} */ (this.#part("input[type=file]"));
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    const found = this.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`no ${selector} in the section`);
    return found;
  }
}

customElements.define("film-file", FilmFile);
