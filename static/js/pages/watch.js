/** The page around one film: the player, and numbers that move while one looks. */

import "../player/element.js";
import { interpolate, ngettext } from "../lib/words.js";

const PENDING = 1;
const AVAILABLE = 0;
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
  if (wasPending && snapshot.audit_status !== PENDING) void decided();
});

/** The moderators have decided: the page says so in the words that the server has for it. */
async function decided() {
  wasPending = false;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || !notice) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  notice.replaceChildren(...(page.querySelector("[data-state-notice]")?.childNodes ?? []));
}
