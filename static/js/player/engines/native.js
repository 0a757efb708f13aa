/** Plays with what the browser has: its own HLS (iPhones), or the best single file. Grants are renewed by opening anew. */

import { sayLength } from "../growing.js";

const browsersLength = Object.getOwnPropertyDescriptor(globalThis.HTMLMediaElement?.prototype ?? {}, "duration");

/** @implements {Engine} */
export class NativeEngine {
  /** @type {RungChoice[]} */
  rungs = [];
  playingRung = -1;
  #video;
  #tell;
  #grants;
  #source = "";
  #startSeconds = 0;
  #isGrowing = false;
  #stop = new AbortController();

  /**
   * @param {HTMLVideoElement} video
   * @param {import("../grants.js").GrantKeeper} grants
   * @param {(news: EngineNews) => void} tell
   */
  constructor(video, grants, tell) {
    this.#video = video;
    this.#grants = grants;
    this.#tell = tell;
    const { signal } = this.#stop;
    video.addEventListener("loadedmetadata", () => this.#begin(), { signal });
    video.addEventListener("error", () => void this.#judge(), { signal });
    video.addEventListener("durationchange", () => this.#lookWhetherWhole(), { signal });
    for (const moment of ["addtrack", "change"]) {
      nativeTracks(video).addEventListener(moment, () => this.#tell({ kind: "sounds" }), { signal });
    }
  }

  /** @param {HTMLVideoElement} video @param {Playback} playback @returns {string | null} */
  static source(video, playback) {
    if (video.canPlayType("application/vnd.apple.mpegurl")) return playback.hls;
    const files = [...playback.mp4].sort((one, other) => other.height - one.height);
    return (files.find((file) => file.height <= 720) ?? files.at(-1))?.url ?? null;
  }

  /** @param {Playback} playback @param {number} startSeconds */
  open(playback, startSeconds) {
    const source = NativeEngine.source(this.#video, playback);
    if (!source) {
      this.#tell({ kind: "broken", detail: "no playable source" });
      return;
    }
    this.#source = source;
    this.#startSeconds = startSeconds;
    this.#isGrowing = playback.is_growing;
    sayLength(this.#video, playback.is_growing ? playback.duration_seconds : null);
    this.#video.src = source;
    this.#video.load();
  }

  chooseRung() {}

  get madeSeconds() {
    const { seekable } = this.#video;
    return this.#isGrowing && seekable.length ? seekable.end(seekable.length - 1) : null;
  }

  get sounds() {
    return Object.keys([...nativeTracks(this.#video)]).map((place) => `sound-${Number(place) + 1}`);
  }

  get playingSound() {
    return [...nativeTracks(this.#video)].findIndex((track) => track.enabled);
  }

  /** @param {number} index */
  chooseSound(index) {
    [...nativeTracks(this.#video)].forEach((track, place) => {
      if (index >= 0) track.enabled = place === index;
    });
  }

  resume() {
    void this.#reopen();
  }

  close() {
    this.#stop.abort();
    sayLength(this.#video, null);
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /** A playlist without an end is endless to the browser. */
  #lookWhetherWhole() {
    if (!this.#isGrowing || !Number.isFinite(browsersLength?.get?.call(this.#video))) return;
    this.#isGrowing = false;
    sayLength(this.#video, null);
  }

  #begin() {
    if (this.#startSeconds > 0) this.#video.currentTime = this.#startSeconds;
    this.#tell({ kind: "ready" });
  }

  async #reopen() {
    const { currentTime, paused } = this.#video;
    this.#startSeconds = currentTime;
    this.#video.src = await this.#grants.current(this.#source);
    this.#video.load();
    if (!paused) this.#video.play().catch(() => {});
  }

  async #judge() {
    if (this.#video.error?.code !== MediaError.MEDIA_ERR_NETWORK) {
      // An address whose grant ran out looks like an unknown format: one look at the answer tells.
      const answer = await fetch(await this.#grants.current(this.#source), { method: "HEAD" }).catch(() => null);
      if (answer?.status === 403) {
        await this.#grants.renewNow();
        await this.#reopen();
        return;
      }
      if (answer?.ok) {
        this.#tell({ kind: "broken", detail: this.#video.error?.message ?? "" });
        return;
      }
      if (answer) {
        this.#tell({ kind: "refused" });
        return;
      }
    }
    this.#tell({ kind: "line-lost" });
  }
}

const inherited = Object.getOwnPropertyDescriptor(globalThis.HTMLMediaElement?.prototype ?? {}, "audioTracks");

/** The browser's own list, in the playlist's order: what stands at `video.audioTracks` is ours. @param {HTMLVideoElement} video
 * @returns {EventTarget & Iterable<{enabled: boolean}>} */
function nativeTracks(video) {
  return inherited?.get?.call(video) ?? Object.assign(new EventTarget(), { *[Symbol.iterator]() {} });
}
