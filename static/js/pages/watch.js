/** The page around one film: the player, and numbers that move while one looks. */

import "../player/element.js";
import { freshPage } from "../lib/fresh.js";
import { interpolate, ngettext } from "../lib/words.js";

const PENDING = 1;
const AVAILABLE = 0;
const AFTER_THE_FILM_MS = 1500; // which may have just become playable, and comes first
const UNDER_WAY = new Set(["queued", "running", "paused"]);
const better = document.querySelector("[data-better]");
const views = document.querySelector("[data-views]");
const notice = document.querySelector("[data-state-notice]");
let wasPending = notice?.querySelector(".notice--wait") != null;

/** @param {Progress} progress */
function isEncoding({ state, stage }) {
  return UNDER_WAY.has(state) && stage !== "publishing"; // then the sizes are there, and the rest is for the seek bar
}

document.addEventListener("snapshot", (event) => {
  const snapshot = /** @type {CustomEvent<VideoSnapshot>} */ (event).detail;
  if (views) {
    const count = new Intl.NumberFormat(document.documentElement.lang).format(snapshot.clicks);
    const words = interpolate(ngettext("%(count)s view", "%(count)s views", snapshot.clicks), { count });
    if (views.textContent !== words) views.textContent = words;
  }
  if (better instanceof HTMLElement) better.hidden = snapshot.status !== AVAILABLE || !isEncoding(snapshot.progress);
  if (wasPending && snapshot.audit_status !== PENDING) {
    wasPending = false;
    setTimeout(() => void decided(), AFTER_THE_FILM_MS);
  }
});

/** The moderators have decided: the page says so in the words that the server has for it. */
async function decided() {
  notice?.replaceChildren(...((await freshPage())?.querySelector("[data-state-notice]")?.childNodes ?? []));
}
