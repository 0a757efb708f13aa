/** A young site fills while one looks: the programme is fetched anew when something has joined it. */

import { freshPage } from "../lib/fresh.js";

const LOOK_AGAIN_MS = 3000;
const LOOK_SELDOM_MS = 20_000;

const programme = () => document.getElementById("programme");

/** What the page shows, as far as a look at it can tell. @param {Element | null} place @returns {string} */
function shown(place) {
  const links = [...(place?.querySelectorAll(".card__title a, .tonight__still") ?? [])].map((link) => link.getAttribute("href"));
  return `${place?.getAttribute("data-being-made")} ${links.join(" ")}`;
}

async function look() {
  if (document.visibilityState === "hidden") return;
  const fresh = (await freshPage())?.getElementById("programme");
  const old = programme();
  if (!fresh || !old || shown(fresh) === shown(old)) return;
  const focused = document.activeElement instanceof HTMLAnchorElement && old.contains(document.activeElement)
    ? document.activeElement.getAttribute("href")
    : null;
  old.replaceWith(document.importNode(fresh, true));
  if (focused) /** @type {HTMLElement | null} */ (document.querySelector(`#programme a[href="${CSS.escape(focused)}"]`))?.focus();
}

async function keepLooking() {
  const place = programme();
  if (!place?.hasAttribute("data-young")) return; // grown up: a list that moves under the hand helps nobody
  const isFilling = Number(place.dataset.beingMade) > 0 || !place.querySelector(".tonight");
  setTimeout(async () => {
    await look().catch(() => {});
    void keepLooking();
  }, isFilling ? LOOK_AGAIN_MS : LOOK_SELDOM_MS);
}

void keepLooking();
