/** A title from a file's name. Pure. */

const MOST_LETTERS = 200;

/** "my_holiday-film.final.mp4" becomes "My holiday film final"; a name with spaces keeps its dots and dashes.
 * @param {string} filename @returns {string} */
export function titleFromName(filename) {
  const name = filename.normalize("NFC").trim();
  const bare = name.replace(/\.[\p{L}\p{N}]{1,5}$/u, "") || name;
  const words = (/\s/.test(bare) ? bare : bare.replace(/[-_.]+/g, " ")).replace(/_+/g, " ").replace(/\s+/g, " ").trim();
  const title = words || name;
  return [...(title.charAt(0).toLocaleUpperCase() + title.slice(1))].slice(0, MOST_LETTERS).join("");
}
