/** The words of one film: go along with the upload, and what is changed afterwards is saved by itself. A title that was
 * emptied is not sent: it comes back when one leaves the field. */

import { ask, csrfToken, Problem } from "../lib/http.js";
import { gettext } from "../lib/words.js";

/** What is wrong with a field, for the person who types in it; nothing when all is well.
 * @param {{name: string, value: string}} field @returns {string} */
export function faultOf({ name, value }) {
  return name === "title" && !value.trim() ? gettext("A film needs a title.") : "";
}

export class FilmDetails {
  #place;
  #fields;
  #told;
  /** @type {Map<string, string>} what each field held when it was last in order */
  #good = new Map();
  /** @type {string | null} */
  #id = null;
  /** @type {Record<string, string>} what the server knows */
  #known = {};
  #saving = Promise.resolve();

  /** @param {HTMLElement} place holds [name] fields @param {HTMLElement} told where "Saved" is said */
  constructor(place, told) {
    this.#place = place;
    this.#fields = /** @type {NodeListOf<HTMLInputElement>} */ (place.querySelectorAll("[name]"));
    this.#told = told;
    for (const field of this.#fields) {
      field.addEventListener("input", () => this.#mark(field.name, faultOf(field)));
      field.addEventListener("change", () => {
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

  /** The upload goes off with these. @returns {Record<string, string>} */
  take() {
    this.#known = this.values;
    return this.#known;
  }

  /** What the server knows is older than what stands here: all of it is sent. */
  forget() {
    this.#known = {};
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
    if ([...this.#fields].some((field) => faultOf(field))) return; // still being typed
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
      this.#told.textContent =
        error instanceof Problem
          ? gettext("Not saved: the server did not accept a field.")
          : gettext("Not saved: the server does not answer.");
      if (error instanceof Problem) for (const name of Object.keys(error.body.errors ?? {})) this.#mark(name, gettext("Please choose another value."));
    }
  }
}
