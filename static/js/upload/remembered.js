/** Which upload a chosen file belongs to: kept by this browser, so that a closed tab goes on where it was. */

const PREFIX = "matinee-upload:";

/**
 * The same file, for the same purpose: a new film, or one that takes another's place.
 * @param {File} file @param {string} [replaces] @returns {string}
 */
export function fingerprintOf(file, replaces = "") {
  return [replaces, file.name, file.type, file.size, file.lastModified].join("-");
}

/** @param {string} fingerprint @returns {string | null} the upload's address */
export function recall(fingerprint) {
  try {
    return localStorage.getItem(PREFIX + fingerprint);
  } catch {
    return null; // a browser that keeps nothing
  }
}

/** @param {string} fingerprint @param {string} address */
export function remember(fingerprint, address) {
  try {
    localStorage.setItem(PREFIX + fingerprint, address);
  } catch {
    // Then the list of unfinished uploads is the way back.
  }
}

/** @param {string} fingerprint */
export function forget(fingerprint) {
  try {
    localStorage.removeItem(PREFIX + fingerprint);
  } catch {
    // Nothing was kept.
  }
}
