/**
 * The owner's panel (templates/videos/_owner_panel.html): loads its sections, and passes each snapshot of the film on as a
 * `snapshot` event of the document. Below a player it is the player that does, and the sections wait until somebody unfolds them.
 */

import { freshPage } from "../lib/fresh.js";
import { followVideo } from "../lib/live.js";

const panel = document.querySelector("[data-owner-panel]");
if (panel instanceof HTMLElement) begin(panel);

/** @param {HTMLElement} place */
function begin(place) {
  const fold = place.querySelector(":scope > details");
  // Again when it is unfolded again, if they did not come.
  const load = () => import(place.dataset.sections ?? "").catch(() => fold?.addEventListener("toggle", load, { once: true }));
  if (fold instanceof HTMLDetailsElement && !fold.open) fold.addEventListener("toggle", load, { once: true });
  else void load();
  if (!place.dataset.video || "hearsPlayer" in place.dataset) return;
  followVideo(place.dataset.video, (detail) => {
    document.dispatchEvent(new CustomEvent("snapshot", { detail }));
    void renewMarks(detail);
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
