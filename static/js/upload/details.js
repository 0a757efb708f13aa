/** The words of one film: go along with the upload, and what is changed afterwards is saved by itself. */

import { ask, csrfToken, Problem } from "../lib/http.js";
import { gettext } from "../lib/words.js";

export class FilmDetails {
  #fields;
  #told;
  /** @type {string | null} */
  #id = null;
  /** @type {Record<string, string>} what the server knows */
  #known = {};
  #saving = Promise.resolve();

  /** @param {HTMLElement} place holds [name] fields @param {HTMLElement} told where "Saved" is said */
  constructor(place, told) {
    this.#fields = /** @type {NodeListOf<HTMLInputElement>} */ (place.querySelectorAll("[name]"));
    this.#told = told;
    for (const field of this.#fields) field.addEventListener("change", () => this.#save());
  }

  get values() {
    return Object.fromEntries([...this.#fields].map((field) => [field.name, field.value]));
  }

  /** @param {Record<string, string>} values */
  fill(values) {
    for (const field of this.#fields) {
      const value = values[field.name];
      if (value !== undefined) field.value = value;
    }
  }

  /** The upload goes off with these. @returns {Record<string, string>} */
  take() {
    this.#known = this.values;
    return this.#known;
  }

  /** The film has an id now: what was changed on the way is sent after it. @param {string} id */
  arrived(id) {
    this.#id = id;
    this.#save();
  }

  #save() {
    const id = this.#id;
    if (id) this.#saving = this.#saving.then(() => this.#send(id));
  }

  /** @param {string} id */
  async #send(id) {
    const values = this.values;
    const changed = Object.entries(values).filter(([name, value]) => this.#known[name] !== value);
    if (!changed.length) return;
    const body = Object.fromEntries(changed.map(([name, value]) => [name, name === "category" && !value ? null : value]));
    try {
      await ask(`/api/videos/${id}/`, {
        method: "PATCH",
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify(body),
      });
      this.#known = { ...this.#known, ...Object.fromEntries(changed) };
      this.#told.textContent = gettext("Saved");
    } catch (error) {
      const why = error instanceof Problem ? (Object.values(error.body.errors ?? {})[0]?.[0] ?? error.message) : "";
      this.#told.textContent = why || gettext("Not saved: the server does not answer.");
    }
  }
}
