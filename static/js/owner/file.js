/**
 * <film-file data-video data-part-bytes data-tus>: the file of a film in the owner's panel. Another may take its place (while it is
 * made: `data-awaits`), and the film be taken back and brought back. Markup: templates/videos/_owner_file.html.
 */

import { bytesText } from "../lib/clock.js";
import { freshPage } from "../lib/fresh.js";
import { getJson } from "../lib/http.js";
import { gettext, interpolate } from "../lib/words.js";
import { Cancelled, LineLost, send } from "../upload/transfer.js";
import { listUnfinished } from "../upload/unfinished.js";
import { part, wordsFor, write, wrong } from "./sections.js";

const UNDER_WAY = new Set(["queued", "running", "paused"]);

/** @param {unknown} error @returns {string} */
function reasonOf(error) {
  return error instanceof LineLost ? gettext("The line broke before the film had arrived.") : wordsFor(error);
}

class FilmFile extends HTMLElement {
  /** @type {File | null} */
  #file = null;
  #cancel = () => {};
  #isUnderWay = false;
  #hears = (/** @type {Event} */ event) => this.#hear(/** @type {CustomEvent<VideoSnapshot>} */ (event).detail);
  #leaving = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();

  connectedCallback() {
    this.#input.addEventListener("change", () => this.#chosen());
    part(this, "[data-yes]").addEventListener("click", () => this.#file && void this.#send(this.#file));
    part(this, "[data-no]").addEventListener("click", () => this.#forget());
    part(this, "[data-cancel]").addEventListener("click", () => this.#cancel());
    void this.#list();
    document.addEventListener("snapshot", this.#hears);
    if ("awaits" in this.dataset) void this.#ask();
    const move = this.querySelector("[data-move]");
    if (move instanceof HTMLButtonElement) move.addEventListener("click", () => void this.#move(move));
  }

  disconnectedCallback() {
    document.removeEventListener("snapshot", this.#hears);
  }

  /** The file that was to come has come, or was not taken: the server says so. @param {{progress: Progress}} snapshot */
  #hear({ progress }) {
    const isUnderWay = UNDER_WAY.has(progress.state);
    if (this.#isUnderWay && !isUnderWay) void this.#renew();
    this.#isUnderWay = isUnderWay;
  }

  /** The page said that a newer file is being made; whether it still is. */
  async #ask() {
    this.#isUnderWay = true;
    const progress = await getJson(`/api/videos/${this.dataset.video}/progress/`).catch(() => null);
    if (progress) this.#hear({ progress });
  }

  async #renew() {
    const page = await freshPage().catch(() => null);
    for (const place of ["[data-file-news]", "dl"]) {
      const fresh = page?.querySelector(`film-file ${place}`);
      if (fresh) part(this, place).replaceChildren(...fresh.childNodes);
    }
  }

  /** What was begun and broken off. */
  async #list() {
    await listUnfinished(part(this, "[data-unfinished]"), (file, { id }) => void this.#send(file, `/api/uploads/${id}/`), this.dataset.video);
  }

  #chosen() {
    this.#file = this.#input.files?.[0] ?? null;
    part(this, "[data-ask]").hidden = !this.#file;
    part(this, "[data-actions]").hidden = !!this.#file;
    wrong(this, "");
    this.#say("");
    if (!this.#file) return;
    const size = bytesText(this.#file.size);
    part(this, "[data-question]").textContent = interpolate(gettext("Replace the file with “%(name)s” (%(size)s)?"), { name: this.#file.name, size });
    part(this, "[data-yes]").focus();
  }

  #forget() {
    this.#file = null;
    this.#input.value = "";
    part(this, "[data-ask]").hidden = true;
    part(this, "[data-actions]").hidden = false;
    this.#input.focus();
  }

  /** @param {File} file @param {string | null} [address] of the upload to go on with */
  async #send(file, address = null) {
    this.#busy(true);
    const { done, cancel } = send({
      file,
      address,
      fields: () => ({ replaces: this.dataset.video ?? "" }),
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
      void this.#list();
      if (error instanceof Cancelled) this.#say(gettext("Cancelled"));
      else wrong(this, reasonOf(error));
    }
  }

  /** @param {number} sent @param {number} total */
  #moved(sent, total) {
    const bar = /** @type {HTMLProgressElement} */ (part(this, "[data-bar]"));
    bar.max = total;
    bar.value = sent;
    const words = { sent: bytesText(sent), total: bytesText(total) };
    part(this, "[data-sending] [data-figures]").textContent = interpolate(gettext("%(sent)s of %(total)s"), words);
    this.#say("");
  }

  /** @param {boolean} isSending */
  #busy(isSending) {
    part(this, "[data-ask]").hidden = true;
    part(this, "[data-sending]").hidden = !isSending;
    part(this, "[data-actions]").hidden = isSending;
    if (isSending) part(this, "[data-unfinished]").hidden = true;
    if (isSending) part(this, "[data-cancel]").focus();
    (isSending ? addEventListener : removeEventListener)("beforeunload", this.#leaving);
  }

  /** @param {HTMLButtonElement} button */
  async #move(button) {
    button.disabled = true;
    wrong(this, "");
    try {
      await write("POST", `/api/videos/${this.dataset.video}/${button.dataset.move}/`);
      location.reload(); // the page around says what it is now
    } catch (error) {
      button.disabled = false;
      wrong(this, reasonOf(error));
    }
  }

  /** @param {string} words */
  #say(words) {
    part(this, "[data-said]").textContent = words;
  }

  /** @returns {HTMLInputElement} */
  get #input() {
    return /** @type {HTMLInputElement} */ (part(this, "[data-actions] input[type=file]"));
  }
}

customElements.define("film-file", FilmFile);
