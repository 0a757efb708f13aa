/**
 * Where a guest stopped, kept in this browser: a few films, newest first. A member's place is the server's, which knows it on
 * every device. Storage that is full or forbidden is no error.
 */

const KEY = "matinee.places";
const MOST_KEPT = 50;
const WORTH_KEEPING_SECONDS = 10;
const KEPT_EVERY_MS = 3000;
// As the server does for members (videos/engagement/history.py): what is left of a finished film.
const END_SHARE = 0.05;
const END_SECONDS = 120;

/** @typedef {{id: string, seconds: number}} Place */

/** What stands there, without what makes no sense. @param {unknown} kept @returns {Place[]} */
export function sanePlaces(kept) {
  if (!Array.isArray(kept)) return [];
  return kept.filter((one) => typeof one?.id === "string" && Number.isFinite(one.seconds) && one.seconds > 0).slice(0, MOST_KEPT);
}

/**
 * The places after one has come to `seconds` of a film; the film's own goes when it has hardly begun or is over.
 * @param {Place[]} places
 * @param {string} id
 * @param {number} seconds
 * @param {number} durationSeconds
 * @returns {Place[]}
 */
export function withPlace(places, id, seconds, durationSeconds) {
  const others = places.filter((one) => one.id !== id);
  const isOver = durationSeconds - seconds <= Math.min(END_SECONDS, END_SHARE * durationSeconds);
  if (seconds <= WORTH_KEEPING_SECONDS || isOver) return others;
  return [{ id, seconds: Math.round(seconds * 100) / 100 }, ...others].slice(0, MOST_KEPT);
}

/** @returns {Place[]} */
function recallPlaces() {
  try {
    return sanePlaces(JSON.parse(localStorage.getItem(KEY) ?? "null"));
  } catch {
    return [];
  }
}

/** @param {string} id @returns {number} seconds; 0 for what was not begun or is over */
export function placeOf(id) {
  return recallPlaces().find((one) => one.id === id)?.seconds ?? 0;
}

/** Keeps the place from now on. @param {HTMLVideoElement} video @param {string} id @param {AbortSignal} signal */
export function keepPlace(video, id, signal) {
  let keptAtMs = 0;
  const keep = () => {
    if (!Number.isFinite(video.duration) || !video.played.length) return; // only looked at: what stands there stays
    keptAtMs = Date.now();
    try {
      localStorage.setItem(KEY, JSON.stringify(withPlace(recallPlaces(), id, video.currentTime, video.duration)));
    } catch {
      // A private window: the place is forgotten with the page.
    }
  };
  const keepNowAndThen = () => {
    if (Date.now() - keptAtMs > KEPT_EVERY_MS) keep();
  };
  video.addEventListener("timeupdate", keepNowAndThen, { signal });
  for (const moment of ["pause", "seeked", "ended"]) video.addEventListener(moment, keep, { signal });
  globalThis.addEventListener("pagehide", keep, { signal });
}
