/** What one began to send and did not finish, from the server's own list: it goes on with the same file, or is given up. */

import { bytesText } from "../lib/clock.js";
import { ask, csrfToken, getJson } from "../lib/http.js";
import { gettext, interpolate } from "../lib/words.js";

/** @typedef {{id: string, filename: string, bytes: number, offset: number, expires_at: string, title: string, description: string,
 *   category: string | null, visibility: string, replaces: string | null}} Unfinished */

/**
 * New films, and a link for each that is to take another's place; or, with `film`, what is to take the place of that one.
 * @param {HTMLElement} place templates/videos/_unfinished_rows.html
 * @param {(file: File, upload: Unfinished) => void} goOn
 * @param {string | null} [film]
 */
export async function listUnfinished(place, goOn, film = null) {
  const rows = /** @type {HTMLElement} */ (place.querySelector("[data-unfinished-rows]"));
  const template = /** @type {HTMLTemplateElement} */ (place.querySelector("template"));
  /** @type {Unfinished[]} */
  let found = [];
  try {
    found = (await getJson("/api/uploads/")).results;
  } catch {
    return; // the page sends films without it too
  }
  const listed = film ? found.filter((upload) => upload.replaces === film) : found;
  rows.replaceChildren(...listed.map((upload) => rowOf(upload, place, template, goOn, upload.replaces !== film)));
  place.hidden = rows.childElementCount === 0;
}

/** @param {Unfinished} upload @param {HTMLElement} place @param {HTMLTemplateElement} template @param {(file: File, upload: Unfinished) => void} goOn
 * @param {boolean} isElsewhere it goes on at the film whose place it is to take */
function rowOf(upload, place, template, goOn, isElsewhere) {
  const row = /** @type {HTMLElement} */ (template.content.cloneNode(true)).firstElementChild;
  if (!(row instanceof HTMLElement)) throw new Error("no row in the template");
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (row.querySelector(selector));
  const figures = { sent: bytesText(upload.offset), total: bytesText(upload.bytes), until: new Date(upload.expires_at).toLocaleDateString() };
  part("[data-name]").textContent = upload.filename;
  part("[data-figures]").textContent = interpolate(gettext("%(sent)s of %(total)s are here, kept until %(until)s"), figures);
  const away = () => {
    const rows = row.parentElement;
    row.remove();
    place.hidden = !rows?.childElementCount;
  };
  const link = /** @type {HTMLAnchorElement} */ (part("[data-film]"));
  if (isElsewhere) link.href = `/me/videos/${upload.replaces}/`;
  link.hidden = !isElsewhere;
  part("[data-choose]").hidden = isElsewhere;
  const wrong = (/** @type {string} */ words) => {
    part("[data-wrong]").textContent = words;
    part("[data-wrong]").hidden = !words;
  };
  const input = /** @type {HTMLInputElement} */ (part("[data-file]"));
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    input.value = "";
    if (!file) return;
    if (file.name !== upload.filename || file.size !== upload.bytes) {
      wrong(interpolate(gettext("This is another file. Choose “%(name)s” (%(size)s)."), { name: upload.filename, size: bytesText(upload.bytes) }));
      return;
    }
    away();
    goOn(file, upload);
  });
  part("[data-discard]").addEventListener("click", async () => {
    try {
      const headers = { Accept: "application/json", "Tus-Resumable": "1.0.0", "X-CSRFToken": csrfToken() };
      await ask(`/api/uploads/${upload.id}/`, { method: "DELETE", headers });
      away();
    } catch {
      wrong(gettext("It could not be discarded. Please try again."));
    }
  });
  return row;
}
