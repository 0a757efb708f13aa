/**
 * The owner's panel (templates/videos/_owner_panel.html): passes each snapshot of the film on as a
 * `snapshot` event of the document. Below a player it is the player that does, and the panel is folded: its sections are
 * loaded when somebody unfolds it. On a page of its own they come with the page (edit.html).
 */

import { freshPage } from "../lib/fresh.js";
import { followVideo } from "../lib/live.js";
import { gettext } from "../lib/words.js";

const panel = document.querySelector("[data-owner-panel]");
if (panel instanceof HTMLElement) begin(panel);

/** @param {HTMLElement} place */
function begin(place) {
  const fold = place.querySelector(":scope > details");
  if (fold instanceof HTMLDetailsElement) unfoldWhenLoaded(fold, place.dataset.sections ?? "");
  if (!place.dataset.video || "hearsPlayer" in place.dataset) return;
  followVideo(place.dataset.video, (detail) => {
    document.dispatchEvent(new CustomEvent("snapshot", { detail }));
    void renewMarks(detail);
  });
}

/** What is seen there works; what did not arrive is told below the fold, which stays closed. @param {HTMLDetailsElement} fold @param {string} sections the address of their module */
function unfoldWhenLoaded(fold, sections) {
  let isLoaded = false;
  const wrong = document.createElement("p");
  wrong.className = "errors";
  wrong.setAttribute("role", "alert");
  fold.querySelector("summary")?.addEventListener("click", async (event) => {
    if (isLoaded || fold.open) return;
    event.preventDefault();
    try {
      await import(sections);
    } catch {
      wrong.textContent = gettext("The line is lost. Please try again.");
      fold.after(wrong);
      return;
    }
    isLoaded = true;
    wrong.remove();
    fold.open = true;
  });
}

/** What the server wrote about the film's state beside the panel is written anew, in its words, when that has changed.
 * @param {VideoSnapshot} snapshot */
async function renewMarks(snapshot) {
  const marks = document.querySelector("[data-marks]");
  const stands = `${snapshot.status} ${snapshot.audit_status}`;
  if (!(marks instanceof HTMLElement) || marks.dataset.marks === stands) return;
  marks.dataset.marks = stands;
  marks.replaceChildren(...((await freshPage())?.querySelector("[data-marks]")?.childNodes ?? []));
}
