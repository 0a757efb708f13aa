/** The spinner: only after 300 ms, and never without a word of why. The decision is pure. */

import { gettext } from "../lib/words.js";

export const PATIENCE_MS = 300;
const END_SECONDS = 0.5;

/** @typedef {"connecting" | "line" | "growing" | "paused" | "loading"} Reason */

/**
 * Why the viewer waits, or null.
 * @param {object} seen
 * @param {string} seen.phase of the session
 * @param {boolean} seen.isLineLost
 * @param {boolean} [seen.isAtGrowingEnd] all that there is of a film that is still being made has been played
 * @param {boolean} [seen.isMakingPaused] its owner has paused the making of it
 * @param {boolean} seen.isOnline what the browser believes
 * @param {number} seen.readyState of the video
 * @param {boolean} seen.paused
 * @param {boolean} seen.seeking
 * @param {boolean} seen.ended
 * @returns {Reason | null}
 */
export function reasonToWait({ phase, isLineLost, isAtGrowingEnd = false, isMakingPaused = false, isOnline, readyState, paused, seeking, ended }) {
  if (!["asking", "open", "ready"].includes(phase)) return null;
  const hasPicture = readyState >= 2;
  const isStuck = !hasPicture || ((seeking || !paused) && !ended && readyState < 3);
  if (!isStuck) return null;
  if (isLineLost || !isOnline) return "line";
  if (isAtGrowingEnd) return isMakingPaused ? "paused" : "growing";
  return hasPicture || seeking ? "loading" : "connecting";
}

/** @param {Reason} reason @param {boolean} isOnline @returns {string} */
export function waitingWord(reason, isOnline) {
  if (reason === "connecting") return gettext("Getting the film…");
  if (reason === "growing") return gettext("The film is made this far. It goes on in a moment…");
  if (reason === "paused") return gettext("The film is made this far. The making of it is paused for now.");
  if (reason === "loading") return gettext("Loading the next seconds…");
  return isOnline
    ? gettext("The server does not answer. Trying again…")
    : gettext("You are offline. The film goes on by itself when the line is back.");
}

const MOMENTS = ["waiting", "stalled", "seeking", "seeked", "playing", "canplay", "loadeddata", "loadedmetadata", "play", "pause", "ended", "emptied"];

export class WaitingSign {
  #sign;
  #video;
  #look;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {HTMLElement} sign
   * @param {HTMLVideoElement} video
   * @param {() => {phase: string, isLineLost: boolean, madeSeconds?: number | null, isMakingPaused?: boolean}} look
   */
  constructor(sign, video, look) {
    this.#sign = sign;
    this.#video = video;
    this.#look = look;
    for (const moment of MOMENTS) video.addEventListener(moment, () => this.update());
    for (const moment of ["online", "offline"]) globalThis.addEventListener(moment, () => this.update());
  }

  update() {
    const reason = this.#reason();
    if (!reason) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#sign.hidden = true;
      return;
    }
    if (!this.#sign.hidden) this.#say(reason);
    else this.#timer ??= setTimeout(() => this.#show(), PATIENCE_MS);
  }

  #show() {
    this.#timer = undefined;
    const reason = this.#reason();
    if (!reason) return;
    this.#say(reason);
    this.#sign.hidden = false;
  }

  #reason() {
    const { readyState, paused, seeking, ended, currentTime } = this.#video;
    const { phase, isLineLost, madeSeconds = null, isMakingPaused } = this.#look();
    const isAtGrowingEnd = madeSeconds !== null && currentTime > madeSeconds - END_SECONDS;
    return reasonToWait({ phase, isLineLost, isAtGrowingEnd, isMakingPaused, isOnline: navigator.onLine, readyState, paused, seeking, ended });
  }

  /** @param {Reason} reason */
  #say(reason) {
    const words = this.#sign.querySelector("[data-words]");
    if (words) words.textContent = waitingWord(reason, navigator.onLine);
  }
}
