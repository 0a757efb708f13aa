/** The page around one film: the player, and numbers that move while one looks. */

import "../player/element.js";
import { freshPage } from "../lib/fresh.js";
import { interpolate, ngettext } from "../lib/words.js";

const AVAILABLE = 0;
const AFTER_THE_FILM_MS = 1500; // which may have just become playable, and comes first
const UNDER_WAY = new Set(["queued", "running"]);
const better = document.querySelector("[data-better]");
const views = document.querySelector("[data-views]");
const notice = document.querySelector("[data-state-notice]");
/** How the film stood when the notice was written: its state, and the decision about it. */
let stood = notice instanceof HTMLElement ? notice.dataset.stateNotice : undefined;

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
  const stands = `${snapshot.status} ${snapshot.audit_status}`;
  if (notice && stands !== stood) setTimeout(() => void renewNotice(), AFTER_THE_FILM_MS);
  stood = stands;
});

// Where nothing is left nothing holds any more.
document.addEventListener("gone", () => {
  notice?.replaceChildren();
  if (better instanceof HTMLElement) better.hidden = true;
});

/** The film stands differently: the page says so in the words that the server has for it. */
async function renewNotice() {
  const page = await freshPage().catch(() => null);
  if (page) notice?.replaceChildren(...(page.querySelector("[data-state-notice]")?.childNodes ?? []));
}
