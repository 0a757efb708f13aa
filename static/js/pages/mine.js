/** One's own films: what is being made tells how far it is, and its row is written anew when that is over. */

import { freshPage } from "../lib/fresh.js";
import "../lib/making.js";

document.addEventListener("made", () => void renewRows());

/** The server's own words for each row that changed. */
async function renewRows() {
  for (const fresh of (await freshPage())?.querySelectorAll("[data-mine]") ?? []) {
    const row = document.querySelector(`[data-mine="${fresh.getAttribute("data-mine")}"]`);
    const isOver = row?.querySelector("making-of") && !fresh.querySelector("making-of");
    if (row && isOver) row.replaceWith(document.importNode(fresh, true));
    else row?.querySelector(".mine__marks")?.replaceChildren(...(fresh.querySelector(".mine__marks")?.childNodes ?? []));
  }
}
