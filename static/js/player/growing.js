/**
 * A film that is watched while it is made is shown as long as it is going to be. What is not made yet cannot be jumped to: a jump
 * there lands where the made part ends, and the film goes on from there.
 */

import { gettext } from "../lib/words.js";

// Decoders hold the last frames back until more come or the film ends: a jump to them never arrives.
const BEFORE_END_SECONDS = 1;
const TOLD_MS = 3500;

/**
 * Makes what hls.js plays as long as the film: hls.js knows its playlist only, which grows, and leaves a longer one alone.
 * @param {MediaSource | null} mediaSource
 * @param {number} seconds
 * @returns {boolean} false: not now; a buffer at work allows no other length
 */
export function lengthen(mediaSource, seconds) {
  if (mediaSource?.readyState !== "open") return false;
  if (mediaSource.duration >= seconds) return true;
  if ([...mediaSource.sourceBuffers].some((one) => one.updating)) return false;
  mediaSource.duration = seconds;
  return true;
}

/**
 * The same for what the browser plays by itself, where nobody but us can know it: what reads `video.duration` finds the film's.
 * @param {HTMLVideoElement} video
 * @param {number | null} seconds null: the browser's own again
 */
export function sayLength(video, seconds) {
  const isSaid = Object.hasOwn(video, "duration");
  if (seconds !== null) Object.defineProperty(video, "duration", { configurable: true, enumerable: true, get: () => seconds });
  else if (isSaid) Reflect.deleteProperty(video, "duration");
  if (isSaid || seconds !== null) video.dispatchEvent(new Event("durationchange"));
}

export class GrowingEnd {
  #video;
  #engine;
  #saying;

  /**
   * @param {HTMLVideoElement} video
   * @param {() => Engine | null} engine
   * @param {import("./saying.js").Saying} saying
   * @param {AbortSignal} signal
   */
  constructor(video, engine, saying, signal) {
    this.#video = video;
    this.#engine = engine;
    this.#saying = saying;
    video.addEventListener("seeking", () => this.#hold(), { signal });
  }

  /** How much of the film there is; null once that is all of it. */
  get seconds() {
    return this.#engine()?.madeSeconds ?? null;
  }

  #hold() {
    const made = this.seconds;
    if (made === null || this.#video.currentTime <= made) return;
    this.#video.currentTime = Math.max(0, made - BEFORE_END_SECONDS);
    this.#saying.say({ words: gettext("The film is made this far for now.") }, TOLD_MS);
  }
}
