/** One's own films: what is being made tells how far it is, and its row is written anew when that is over. */

import "../lib/making.js";
import { getJson } from "../lib/http.js";

document.addEventListener("made", () => void renewRows());
for (const place of document.querySelectorAll("[data-failure]")) void tellWhy(place);

/** The server's own words for each row that changed. */
async function renewRows() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll("[data-mine]")) {
    const row = document.querySelector(`[data-mine="${fresh.getAttribute("data-mine")}"]`);
    const isOver = row?.querySelector("making-of") && !fresh.querySelector("making-of");
    if (row && isOver) row.replaceWith(document.importNode(fresh, true));
  }
}

/** Why the work failed lies with the job, which pages do not read. @param {Element} place */
async function tellWhy(place) {
  try {
    const progress = /** @type {Progress} */ (await getJson(`/api/videos/${place.getAttribute("data-failure")}/progress/`));
    if (progress.error) place.textContent = progress.error.message;
  } catch {
    // The plain sentence stays.
  }
}
