/** The words of one film: they go along with the upload, and what is changed afterwards is saved by itself, with the upload while it
 * is on its way and with the film from then on. A title that was emptied is not sent: it comes back when one leaves the field. */

import { backoffMs } from "../lib/backoff.js";
import { ask, csrfToken, getJson, Problem } from "../lib/http.js";
import { gettext } from "../lib/words.js";
import { GONE } from "./transfer.js";

// What a page still sends while it is being closed: 64 KiB in all, whoever sends them.
const SENT_WHILE_LEAVING = 10_000;
const LONGEST_PAUSE_MS = 60_000;
const STRICTER_AND_STRICTER = ["public", "unlisted", "private"];

/** What is wrong with a field, for the person who types in it; nothing when all is well.
 * @param {{name: string, value: string}} field @returns {string} */
export function faultOf({ name, value }) {
  return name === "title" && !value.trim() ? gettext("A film needs a title.") : "";
}

/** Of two answers to who may see a film, the one that shows it to fewer. @param {string} one @param {string} other @returns {string} */
export function stricter(one, other) {
  return STRICTER_AND_STRICTER.indexOf(one) > STRICTER_AND_STRICTER.indexOf(other) ? one : other;
}

export class FilmDetails {
  #place;
  #fields;
  #told;
  /** @type {Map<string, string>} what each field held when it was last in order */
  #good = new Map();
  /** @type {Map<string, string>} what the server would not take: sent again only when it has changed */
  #refused = new Map();
  /** @type {Set<string>} fields that somebody has used here */
  #touched = new Set();
  /** @type {string | null} where they are saved: the upload's address, then the film's */
  #address = null;
  /** @type {Record<string, string> | null} what the server knows; null: words of an earlier time, and nobody has asked yet */
  #known = null;
  #saving = Promise.resolve();
  #attempt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} place holds [name] fields @param {HTMLElement} told where "Saved" is said */
  constructor(place, told) {
    this.#place = place;
    this.#fields = /** @type {NodeListOf<HTMLInputElement>} */ (place.querySelectorAll("[name]"));
    this.#told = told;
    for (const field of this.#fields) {
      field.addEventListener("input", () => {
        this.#touched.add(field.name);
        this.#mark(field.name, faultOf(field));
      });
      field.addEventListener("change", () => {
        this.#touched.add(field.name);
        const fault = faultOf(field);
        if (fault) {
          field.value = this.#good.get(field.name) ?? "";
          this.#told.textContent = gettext("A film needs a title. The last one is back.");
        }
        this.#good.set(field.name, field.value);
        this.#mark(field.name, "");
        if (!fault) this.#save();
      });
    }
  }

  get values() {
    return Object.fromEntries([...this.#fields].map((field) => [field.name, field.value]));
  }

  /** @param {Record<string, string>} values */
  fill(values) {
    for (const field of this.#fields) {
      const value = values[field.name];
      if (value !== undefined) field.value = value;
      this.#good.set(field.name, field.value);
    }
  }

  /** @param {string} name @param {string} fault nothing: the mark goes */
  #mark(name, fault) {
    const field = [...this.#fields].find((one) => one.name === name);
    if (fault) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
    const words = this.#place.querySelector(`[data-error="${name}"]`);
    if (!(words instanceof HTMLElement)) return;
    words.textContent = fault;
    words.hidden = !fault;
  }

  /** The upload has an address, where every later choice is saved. Told again each time the line is back.
   * @param {string} address @param {Record<string, string> | null} words that it went off with; null: those of an earlier time */
  travels(address, words) {
    if (address !== this.#address) this.#known = words;
    this.#address = address;
    this.#save();
  }

  /** The upload has become a film, which has what the upload had. @param {string} id */
  arrived(id) {
    this.#address = `/api/videos/${id}/`;
    this.#save();
  }

  /** Nothing is left there to be saved with. */
  left() {
    this.#address = null;
    clearTimeout(this.#timer);
  }

  #save() {
    this.#saving = this.#saving.then(() => this.#send());
  }

  async #send() {
    clearTimeout(this.#timer);
    const address = this.#address;
    if (!address) return;
    /** @type {Record<string, string>} */
    let changed = {};
    try {
      this.#known ??= await this.#learn(address);
      if (address !== this.#address) return; // it has arrived meanwhile, and that was told too
      changed = this.#changed(this.#known);
      if (Object.keys(changed).length) await this.#write(address, changed);
      this.#attempt = 0;
    } catch (error) {
      if (address === this.#address) this.#failed(error, changed);
    }
  }

  /** What stands at the server fills what nobody has touched here. @param {string} address @returns {Promise<Record<string, string>>} */
  async #learn(address) {
    const { title, description, category, visibility } = await getJson(address);
    /** @type {Record<string, string>} */
    const known = { title, description, category: category?.slug ?? category ?? "", visibility };
    for (const field of this.#fields) {
      const value = known[field.name];
      // An upload without a title gets one from its file's name, as this page has it.
      if (value === undefined || this.#touched.has(field.name) || faultOf({ name: field.name, value })) continue;
      field.value = field.name === "visibility" ? stricter(value, field.value) : value;
      this.#good.set(field.name, field.value);
    }
    return known;
  }

  /** @param {Record<string, string>} known @returns {Record<string, string>} without what is still being typed */
  #changed(known) {
    const changed = [...this.#fields].filter((field) => {
      const { name, value } = field;
      return value !== known[name] && value !== this.#refused.get(name) && !faultOf(field);
    });
    return Object.fromEntries(changed.map(({ name, value }) => [name, value]));
  }

  /** @param {string} address @param {Record<string, string>} changed */
  async #write(address, changed) {
    const body = JSON.stringify({ ...changed, ...(changed.category === "" ? { category: null } : {}) });
    await ask(address, {
      method: "PATCH",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body,
      keepalive: body.length < SENT_WHILE_LEAVING, // a tab that is closed right after a choice
    });
    if (address !== this.#address) return;
    this.#known = { ...this.#known, ...changed };
    this.#told.textContent = gettext("Saved");
  }

  /** @param {unknown} error @param {Record<string, string>} sent */
  #failed(error, sent) {
    if (!(error instanceof Problem) || error.status >= 500 || error.status === 429) {
      if (this.#touched.size) this.#told.textContent = gettext("Not saved: the server does not answer.");
      this.#timer = setTimeout(() => this.#save(), backoffMs(this.#attempt, { mostMs: LONGEST_PAUSE_MS }));
      this.#attempt += 1;
      return;
    }
    if (GONE.has(error.status)) return; // whoever sends the film is told too, and begins anew or says so
    if (this.#touched.size) this.#told.textContent = gettext("Not saved: the server did not accept a field.");
    const refused = Object.keys(error.body.errors ?? {}).filter((name) => name in sent);
    for (const name of refused) {
      this.#refused.set(name, sent[name] ?? "");
      this.#mark(name, gettext("Please choose another value."));
    }
    if (refused.length) this.#save(); // the others
  }
}
