/** One's own films: what is being made tells how far it is, and its row is written anew when that is over. */

import "../lib/making.js";

document.addEventListener("made", () => void renewRows());

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
