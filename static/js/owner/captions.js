/**
 * <film-captions data-video>: the captions of a film in the owner's panel: added as files, named, switched, removed. Each change is
 * sent at once; what the list shows is what the server made of it. Markup: templates/videos/_owner_words.html.
 */

import { getJson } from "../lib/http.js";
import { languageName, UNKNOWN } from "../lib/languages.js";
import { gettext, interpolate, ngettext } from "../lib/words.js";
import { languageOf, OFFERED } from "./languages.js";
import { askTwice, part, wordsFor, write, wrong } from "./sections.js";

/** @typedef {{id: string, language: string, label: string, is_default: boolean, is_forced: boolean, origin: string, cues: number}} Caption */

class FilmCaptions extends HTMLElement {
  #revision = -1;
  #looks = 0;

  connectedCallback() {
    const input = /** @type {HTMLInputElement} */ (part(this, "input[type=file]"));
    input.addEventListener("change", () => {
      void this.#take([...(input.files ?? [])]);
      input.value = "";
    });
    this.addEventListener("dragover", (event) => this.#invite(event));
    this.addEventListener("dragleave", () => part(this, "[data-drop]").removeAttribute("data-over"));
    this.addEventListener("drop", (event) => this.#dropped(event));
    document.addEventListener("snapshot", this.#hear);
    void this.#show();
  }

  disconnectedCallback() {
    document.removeEventListener("snapshot", this.#hear);
  }

  /** Another page, or the film's own file, has brought words. @param {Event} event */
  #hear = (event) => {
    const { words_revision: revision } = /** @type {CustomEvent<VideoSnapshot>} */ (event).detail;
    if (this.#revision >= 0 && revision !== this.#revision) void this.#show();
    this.#revision = revision;
  };

  get #url() {
    return `/api/videos/${this.dataset.video}/captions/`;
  }

  /** Rows that are there stay, with the focus and with what is being written in them. */
  async #show() {
    const look = (this.#looks += 1);
    try {
      /** @type {Caption[]} */
      const captions = await getJson(this.#url);
      if (look !== this.#looks) return; // a later look has seen more
      const list = part(this, "[data-list]");
      const rows = new Map([...list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.id, row]));
      for (const caption of captions) {
        const row = rows.get(caption.id);
        rows.delete(caption.id);
        if (row instanceof HTMLElement) tell(row, caption);
        else list.append(this.#row(caption));
      }
      for (const row of rows.values()) row.remove();
      part(this, "[data-none]").hidden = captions.length > 0;
    } catch (error) {
      wrong(this, wordsFor(error));
    }
  }

  /** @param {Caption} caption @returns {HTMLElement} */
  #row(caption) {
    const template = /** @type {HTMLTemplateElement} */ (part(this, "[data-row]"));
    const row = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (template.content.cloneNode(true)).firstElementChild);
    row.dataset.id = caption.id;
    tell(row, caption);
    row.addEventListener("change", (event) => void this.#change(caption, row, event));
    askTwice(part(row, "[data-remove]"), gettext("Remove for good?"), () => void this.#remove(caption, row));
    return row;
  }

  /** @param {Caption} caption @param {HTMLElement} row @param {Event} event */
  async #change(caption, row, event) {
    const field = event.target;
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || !field.dataset.change) return;
    const value = field instanceof HTMLInputElement && field.type === "checkbox" ? field.checked : field.value.trim();
    wrong(row, "");
    field.dataset.sent = String(value);
    try {
      await write("PATCH", `${this.#url}${caption.id}/`, { [field.dataset.change]: value });
      if (field.dataset.sent === String(value)) delete field.dataset.sent;
      if (field instanceof HTMLInputElement && field.value.trim() === value) field.defaultValue = field.value;
      await this.#show();
      this.#say(gettext("Saved"));
    } catch (error) {
      delete field.dataset.sent;
      wrong(row, wordsFor(error));
    }
  }

  /** @param {Caption} caption @param {HTMLElement} row */
  async #remove(caption, row) {
    try {
      await write("DELETE", `${this.#url}${caption.id}/`);
      await this.#show();
      this.#say(gettext("Removed"));
      if (document.activeElement === document.body) part(this, "input[type=file]").focus(); // it was on what is gone
    } catch (error) {
      wrong(row, wordsFor(error));
    }
  }

  /** @param {DragEvent} event */
  #invite(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    part(this, "[data-drop]").setAttribute("data-over", "");
  }

  /** @param {DragEvent} event */
  #dropped(event) {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    part(this, "[data-drop]").removeAttribute("data-over");
    void this.#take([...event.dataTransfer.files]);
  }

  /** One after the other; each that is refused says why. @param {File[]} files */
  async #take(files) {
    const refused = [];
    wrong(this, "");
    for (const file of files) {
      this.#say(interpolate(gettext("Reading “%(name)s”…"), { name: file.name }));
      const body = new FormData();
      body.append("file", file);
      body.append("language", languageOf(file.name) ?? UNKNOWN);
      try {
        await write("POST", this.#url, body);
      } catch (error) {
        refused.push(`${file.name}: ${wordsFor(error)}`);
      }
    }
    await this.#show();
    this.#say(refused.length < files.length ? gettext("Added. Look at the language, please.") : "");
    wrong(this, refused.join(" "));
  }

  /** @param {string} words */
  #say(words) {
    part(this, ":scope > [data-said]").textContent = words;
  }
}

/** What the server knows of a caption, except where somebody is writing, or what was written is on its way.
 * @param {HTMLElement} row @param {Caption} caption */
function tell(row, caption) {
  const name = languageName(caption.language);
  part(row, "[data-name]").textContent = caption.label ? `${name} · ${caption.label}` : name;
  const lines = interpolate(ngettext("%(count)s line", "%(count)s lines", caption.cues), { count: caption.cues });
  part(row, "[data-facts]").textContent = caption.origin === "file" ? `${lines} · ${gettext("from the film’s file")}` : lines;
  const languages = /** @type {HTMLSelectElement} */ (part(row, "[data-change=language]"));
  const isOffered = [...languages.options].some((option) => option.value === caption.language);
  if (!("sent" in languages.dataset)) {
    if (!isOffered) languages.replaceChildren(...choices(caption.language));
    languages.value = caption.language;
  }
  const label = /** @type {HTMLInputElement} */ (part(row, "[data-change=label]"));
  if (!("sent" in label.dataset) && label.value === label.defaultValue) label.value = label.defaultValue = caption.label;
  for (const flag of /** @type {("is_default" | "is_forced")[]} */ (["is_default", "is_forced"])) {
    const box = /** @type {HTMLInputElement} */ (part(row, `[data-change=${flag}]`));
    if (!("sent" in box.dataset)) box.checked = caption[flag];
  }
}

/** What a language may be: those of many people, and the one it is. @param {string} own @returns {HTMLOptionElement[]} */
function choices(own) {
  const tags = [...new Set([...OFFERED, own])].filter((tag) => tag !== UNKNOWN);
  const named = tags.map((tag) => ({ tag, name: languageName(tag) })).sort((one, other) => one.name.localeCompare(other.name));
  return [{ tag: UNKNOWN, name: languageName(UNKNOWN) }, ...named].map(({ tag, name }) => new Option(name, tag));
}

customElements.define("film-captions", FilmCaptions);
