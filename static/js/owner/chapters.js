/**
 * <film-chapters data-video data-duration>: the chapters of a film in the owner's panel. Rows are changed freely and sent as a whole;
 * below a player, a new one begins where the film stands. Markup: templates/videos/_owner_words.html.
 */

import { getJson } from "../lib/http.js";
import { gettext, interpolate } from "../lib/words.js";
import { checked, exactTime } from "./chapter-rows.js";
import { part, wordsFor, write, wrong } from "./sections.js";

class FilmChapters extends HTMLElement {
  #revision = -1;
  #changes = 0;
  #leaving = (/** @type {BeforeUnloadEvent} */ event) => {
    if (!this.#save.disabled) event.preventDefault();
  };

  connectedCallback() {
    addEventListener("beforeunload", this.#leaving);
    part(this, "[data-again]").addEventListener("click", () => void this.#load());
    part(this, "[data-add]").addEventListener("click", () => this.#add());
    this.#save.addEventListener("click", () => void this.#send());
    part(this, "[data-reset]").addEventListener("click", () => void this.#reset());
    this.addEventListener("input", () => this.#touched());
    this.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof HTMLInputElement) void this.#send();
    });
    document.addEventListener("snapshot", this.#hear);
    this.#film?.addEventListener("timeupdate", () => this.#tellWhere());
    this.#adding.disabled = true; // what is added before the rows are known would be written over
    void this.#load();
  }

  disconnectedCallback() {
    removeEventListener("beforeunload", this.#leaving);
    document.removeEventListener("snapshot", this.#hear);
  }

  /** Words have changed elsewhere; what is being edited here stays. @param {Event} event */
  #hear = (event) => {
    const { words_revision: revision } = /** @type {CustomEvent<VideoSnapshot>} */ (event).detail;
    if (this.#revision >= 0 && revision !== this.#revision && this.#save.disabled) void this.#load();
    this.#revision = revision;
  };

  get #url() {
    return `/api/videos/${this.dataset.video}/chapters/`;
  }

  get #film() {
    return document.querySelector("video[slot=media]");
  }

  get #save() {
    return /** @type {HTMLButtonElement} */ (part(this, "[data-save]"));
  }

  get #adding() {
    return /** @type {HTMLButtonElement} */ (part(this, "[data-add]"));
  }

  get #rows() {
    return /** @type {HTMLElement[]} */ ([...part(this, "[data-list]").children]);
  }

  /** Below a player the button says where the chapter will begin. */
  #tellWhere() {
    const button = part(this, "[data-add]");
    button.textContent = interpolate(gettext("Add a chapter at %(time)s"), { time: exactTime(Math.floor(this.#seconds)) });
  }

  get #seconds() {
    return this.#film instanceof HTMLVideoElement ? this.#film.currentTime : 0;
  }

  async #load() {
    try {
      const answer = await getJson(this.#url);
      wrong(this, "");
      part(this, "[data-again]").hidden = true;
      if (this.#save.disabled) this.#fill(answer); // else somebody has begun to write meanwhile
    } catch (error) {
      part(this, "[data-again]").hidden = false;
      wrong(this, wordsFor(error));
    }
  }

  /** @param {{chapters: ChapterStart[], is_own: boolean}} answer */
  #fill({ chapters, is_own: isOwn }) {
    part(this, "[data-list]").replaceChildren(...chapters.map((chapter) => this.#row(exactTime(chapter.start_seconds), chapter.title)));
    part(this, "[data-none]").hidden = chapters.length > 0;
    part(this, "[data-reset]").hidden = !isOwn;
    this.#save.disabled = true;
    this.#adding.disabled = false;
    this.#count();
  }

  /** @param {string} time @param {string} title @returns {HTMLElement} */
  #row(time, title) {
    const template = /** @type {HTMLTemplateElement} */ (part(this, "[data-row]"));
    const row = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
    this.#field(row, "time").value = time;
    this.#field(row, "title").value = title;
    part(row, "[data-remove]").addEventListener("click", () => {
      const neighbour = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      this.#touched();
      (neighbour ? part(neighbour, "[data-remove]") : part(this, "[data-add]")).focus();
    });
    return row;
  }

  /** @param {HTMLElement} row @param {"time" | "title"} name @returns {HTMLInputElement} */
  #field(row, name) {
    return /** @type {HTMLInputElement} */ (part(row, `[data-${name}]`));
  }

  /** Titles that are left out are counted, as players do. */
  #count() {
    this.#rows.forEach((row, index) => {
      this.#field(row, "title").placeholder = interpolate(gettext("Chapter %(number)s"), { number: index + 1 });
    });
  }

  #touched() {
    this.#changes += 1;
    this.#save.disabled = false;
    part(this, "[data-none]").hidden = this.#rows.length > 0;
    this.#say("");
    this.#count();
  }

  #add() {
    const row = this.#row(this.#film ? exactTime(Math.floor(this.#seconds)) : this.#rows.length ? "" : "0:00", "");
    part(this, "[data-list]").append(row);
    this.#touched();
    this.#field(row, this.#field(row, "time").value ? "title" : "time").focus();
  }

  async #send() {
    const duration = this.dataset.duration ? Number(this.dataset.duration) : null;
    const rows = this.#rows;
    const { chapters, faults } = checked(
      rows.map((row) => ({ time: this.#field(row, "time").value, title: this.#field(row, "title").value })),
      duration,
    );
    rows.forEach((row, index) => {
      wrong(row, faults[index] ?? "");
      this.#field(row, "time").setAttribute("aria-invalid", String(Boolean(faults[index])));
    });
    const faulty = rows.find((_, index) => faults[index]);
    if (faulty) this.#field(faulty, "time").focus();
    else await this.#write("PUT", gettext("Saved"), { chapters });
  }

  async #reset() {
    await this.#write("DELETE", gettext("These are the chapters of the film’s file."));
  }

  /** @param {string} method @param {string} said @param {object} [body] */
  async #write(method, said, body) {
    const changes = this.#changes;
    wrong(this, "");
    try {
      const answer = await write(method, this.#url, body);
      part(this, "[data-reset]").hidden = !answer.is_own;
      if (changes !== this.#changes) return; // what was written meanwhile stays, and is still to be saved
      this.#fill(answer);
      this.#say(said);
    } catch (error) {
      wrong(this, wordsFor(error));
    }
  }

  /** @param {string} words */
  #say(words) {
    part(this, ":scope > [data-said]").textContent = words;
  }
}

customElements.define("film-chapters", FilmChapters);
