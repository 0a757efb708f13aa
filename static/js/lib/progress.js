/** The making of an item in the reader's words. Pure. */

import { timeLeftText } from "./clock.js";
import { gettext, interpolate } from "./words.js";

/** What the work is at, in the reader's words. @param {string} stage @returns {string} */
export function stageWord(stage) {
  switch (stage) {
    case "receiving":
      return gettext("Arriving");
    case "probing":
      return gettext("Looking at the file");
    case "poster":
      return gettext("Taking a still");
    case "encoding":
      return gettext("Making every size");
    case "publishing":
      return gettext("Putting it in place");
    default:
      return gettext("Working");
  }
}

/** One line: what happens now. @param {Progress} progress @returns {string} */
export function progressLine(progress) {
  if (progress.state === "queued" && progress.waits_for) return progress.waits_for.message;
  if (progress.state === "queued" && progress.queue_place !== null) {
    if (progress.queue_place <= 1) return gettext("Next in the queue");
    return interpolate(gettext("Number %(place)s in the queue"), { place: progress.queue_place });
  }
  if (progress.state === "queued") return gettext("Waiting for its turn");
  if (progress.state === "paused") return gettext("Paused");
  if (progress.state === "failed") return progress.error?.message ?? gettext("This film could not be prepared.");
  if (progress.state === "cancelled") return progress.error?.message ?? gettext("Cancelled");
  if (progress.state === "done") return gettext("Ready");
  return stageWord(progress.stage);
}

/** @param {Progress} progress @returns {string} */
export function progressFigures(progress) {
  if (progress.state !== "running") return "";
  const percent = interpolate(gettext("%(percent)s %"), { percent: Math.floor(progress.percent) });
  return progress.seconds_left === null ? percent : `${percent} · ${timeLeftText(progress.seconds_left)}`;
}
