/**
 * The owner's panel (templates/videos/_owner_panel.html): loads its sections, and passes each snapshot of the film on as a
 * `snapshot` event of the document. Below a player it is the player that does.
 */

import { followVideo } from "../lib/live.js";
import "./captions.js";
import "./chapters.js";
import "./file.js";
import "./making.js";
import "./poster.js";

const panel = document.querySelector("[data-owner-panel]");
if (panel instanceof HTMLElement && panel.dataset.video && !("hearsPlayer" in panel.dataset)) {
  followVideo(panel.dataset.video, (detail) => {
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
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  marks.replaceChildren(...(page.querySelector("[data-marks]")?.childNodes ?? []));
}
