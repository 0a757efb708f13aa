/**
 * The picture at the place on the seek bar that one points at or drags to. media-chrome shows it from a track of the film; the
 * track comes with the first wish for it. Without a storyboard, or when it cannot be had, there is only the time.
 */

import { askForPlayback } from "./playback.js";

const WISH = "mediapreviewrequest"; // media-chrome's: seconds, or null when the pointer has left
const ASK_AGAIN_MS = 60_000;

export class Storyboard {
  #parts;
  /** @type {HTMLTrackElement | null} */
  #track = null;
  /** Of a film that had none when it was opened. @type {string | null} */
  #late = null;
  #askedAtMs = performance.now();
  #failed = "";
  #isComing = false;
  /** @type {number | null} */
  #seconds = null;

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video
   * @param {HTMLElement} parts.controller
   * @param {() => Playback | null} parts.playback what plays
   * @param {(address: string) => Promise<string>} parts.granted the address under a grant that lives
   * @param {string} parts.playbackUrl
   */
  constructor(parts) {
    this.#parts = parts;
    parts.controller.addEventListener(WISH, (event) => {
      const { detail } = /** @type {CustomEvent<number | null>} */ (event);
      this.#seconds = detail ?? null;
      if (this.#seconds !== null && !this.#isComing) void this.#bring();
    });
  }

  async #bring() {
    this.#isComing = true;
    const address = await this.#address().catch(() => null);
    this.#isComing = false;
    if (!address || address === this.#failed) return;
    if (this.#track?.isConnected && this.#track.getAttribute("src") === address) return;
    this.#load(address);
  }

  /** @returns {Promise<string | null>} */
  async #address() {
    const { playback, granted, playbackUrl } = this.#parts;
    if (!playback()) return null;
    if (!playback()?.storyboard && !this.#late && performance.now() - this.#askedAtMs > ASK_AGAIN_MS) {
      this.#askedAtMs = performance.now();
      const answer = await askForPlayback(playbackUrl);
      if (answer.kind === "playable") this.#late = answer.playback.storyboard;
    }
    const address = playback()?.storyboard ?? this.#late;
    return address ? granted(address) : null;
  }

  /** @param {string} address */
  #load(address) {
    this.#track?.remove();
    const track = document.createElement("track");
    Object.assign(track, { kind: "metadata", label: "thumbnails", src: address });
    track.addEventListener("load", () => this.#wishAgain(), { once: true });
    track.addEventListener("error", () => this.#giveUp(address), { once: true });
    this.#thumbnail?.addEventListener("error", () => this.#giveUp(address), { once: true });
    this.#parts.video.append(track);
    track.track.mode = "hidden"; // read, not shown: media-chrome looks into it
    this.#track = track;
  }

  /** The pointer may stand still by now. */
  #wishAgain() {
    const range = this.#range;
    if (this.#seconds === null || !range) return;
    range.dispatchEvent(new CustomEvent(WISH, { detail: this.#seconds, bubbles: true, composed: true }));
  }

  /** @param {string} address */
  #giveUp(address) {
    this.#failed = address;
    this.#track?.remove();
    this.#track = null;
    this.#wishAgain();
  }

  get #range() {
    return this.#parts.controller.querySelector("media-time-range");
  }

  /** The <img> that media-chrome draws a sheet with. @returns {HTMLImageElement | null | undefined} */
  get #thumbnail() {
    return this.#range?.shadowRoot?.querySelector("media-preview-thumbnail")?.shadowRoot?.querySelector("img");
  }
}
