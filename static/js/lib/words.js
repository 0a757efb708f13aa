/** The words of the reader's language, from the catalogue that the page loads before its modules; English without it. */

/** @param {string} text @returns {string} */
export function gettext(text) {
  return globalThis.django?.gettext?.(text) ?? text;
}

/** @param {string} one @param {string} many @param {number} count @returns {string} */
export function ngettext(one, many, count) {
  return globalThis.django?.ngettext?.(one, many, count) ?? (count === 1 ? one : many);
}

/**
 * Fills `%(name)s` in a text.
 * @param {string} text
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function interpolate(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
