/** Languages as the reader of the page calls them. */

import { gettext } from "./words.js";

/** No language that anybody has told. */
export const UNKNOWN = "und";

/** @returns {string} of the page */
function reader() {
  return globalThis.document?.documentElement.lang || "en";
}

/** "German" for "de". @param {string} tag BCP 47 @param {string} [language] of who reads it @returns {string} */
export function languageName(tag, language = reader()) {
  if (!tag || tag === UNKNOWN) return gettext("Unknown language");
  try {
    const name = new Intl.DisplayNames([language], { type: "language" }).of(tag) ?? tag;
    return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
  } catch {
    return tag; // what is no tag names itself
  }
}

/** Whether somebody who understands one understands the other: "en" and "en-GB". @param {string} one @param {string} other @returns {boolean} */
export function isSameLanguage(one, other) {
  const first = (/** @type {string} */ tag) => tag.toLowerCase().split("-")[0];
  return first(one) !== UNKNOWN && first(one) !== "" && first(one) === first(other);
}
