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
  followVideo(panel.dataset.video, (detail) => document.dispatchEvent(new CustomEvent("snapshot", { detail })));
}
