/**
 * Reports what was really played: a session when the film first starts, a beat every few seconds of play, and one whenever it
 * stops, changes speed or the page goes. Counting itself is the server's business.
 */

import { postJson, Problem } from "../lib/http.js";
import { BeatQueue, HEARTBEATS } from "./beats.js";
import { WatchedIntervals } from "./intervals.js";

const FIRST_BEAT_SECONDS = 5;
const MOST_INTERVALS = 40; // a beat takes no more; somebody who seeks like that is searching, not watching

/** @param {import("./beats.js").Beat} beat @returns {boolean} taken by the browser */
function leave(beat) {
  return navigator.sendBeacon(HEARTBEATS, JSON.stringify(beat));
}

/** The browser's own, or one that forgets where it is forbidden. @returns {Pick<Storage, "getItem" | "setItem" | "removeItem">} */
function browserStore() {
  try {
    return globalThis.localStorage;
  } catch {
    return { getItem: () => null, setItem() {}, removeItem() {} };
  }
}

/** Counts how often and how long the picture stood for want of bytes, after it had begun. */
class Stalls {
  count = 0;
  seconds = 0;
  #sinceMs = 0;

  begin() {
    if (this.#sinceMs) return;
    this.#sinceMs = performance.now();
    this.count += 1;
  }

  end() {
    if (!this.#sinceMs) return;
    this.seconds += (performance.now() - this.#sinceMs) / 1000;
    this.#sinceMs = 0;
  }

  take() {
    const taken = { stalls: this.count, stall_seconds: Math.round(this.seconds * 1000) / 1000 };
    this.count = 0;
    this.seconds = 0;
    return taken;
  }
}

class Reporter {
  #video;
  #id;
  #rungLabel;
  #intervals = new WatchedIntervals();
  #stalls = new Stalls();
  #queue = new BeatQueue({ store: browserStore(), send: (beat) => this.#send(beat), nowMs: Date.now() });
  #session = "";
  #seq = 0;
  #beatSeconds = FIRST_BEAT_SECONDS;
  #lastBeatMs = 0;
  #rate = 1;
  #hasPlayed = false;
  /** @type {Promise<void> | null} */
  #opening = null;

  /** @param {HTMLVideoElement} video @param {string} id @param {() => string} rungLabel */
  constructor(video, id, rungLabel) {
    this.#video = video;
    this.#id = id;
    this.#rungLabel = rungLabel;
  }

  /** Opens a session once; a failure is tried again at the next beat. @returns {Promise<void>} */
  open() {
    if (this.#session) return Promise.resolve();
    this.#opening ??= postJson("/api/playback/sessions/", { video: this.#id, referrer: document.referrer })
      .then((opened) => {
        this.#session = opened.session;
        this.#seq = 0;
        this.#beatSeconds = opened.beat_seconds;
      })
      .catch((error) => {
        if (!(error instanceof Problem) && !(error instanceof TypeError)) throw error;
      })
      .finally(() => {
        this.#opening = null;
      });
    return this.#opening;
  }

  starts() {
    if (this.#video.paused || this.#video.seeking) return;
    this.#hasPlayed = true;
    this.#stalls.end();
    this.#rate = this.#video.playbackRate;
    this.#intervals.playing(this.#video.currentTime, performance.now());
    this.#lastBeatMs ||= performance.now();
    void this.open();
  }

  moves() {
    this.#intervals.moved(this.#video.currentTime, performance.now(), this.#video.playbackRate);
    if (!this.#video.paused && performance.now() - this.#lastBeatMs >= this.#beatSeconds * 1000) this.beat();
  }

  stops() {
    this.#intervals.stopped();
    this.beat();
  }

  starves() {
    this.#intervals.stopped();
    if (!this.#video.seeking && this.#hasPlayed) this.#stalls.begin();
  }

  /** The position has already jumped: what was played ends where it was last seen. */
  seeks() {
    this.#intervals.stopped();
  }

  changesSpeed() {
    if (this.#video.playbackRate === this.#rate) return;
    this.beat(); // all intervals of a beat were played at one speed
    this.#rate = this.#video.playbackRate;
  }

  beat() {
    this.#lastBeatMs = performance.now();
    if (!this.#session) {
      void this.open();
      return;
    }
    const intervals = this.#intervals.take();
    if (!intervals.length) return;
    this.#queue.add({
      session: this.#session,
      seq: this.#seq,
      sent_at: new Date().toISOString(),
      position_seconds: this.#video.ended ? this.#video.duration : this.#video.currentTime,
      rate: this.#rate,
      rung: this.#rungLabel(),
      intervals: intervals.slice(-MOST_INTERVALS),
      ...this.#stalls.take(),
    });
    this.#seq += 1;
    void this.#queue.flush();
  }

  /** @param {import("./beats.js").Beat} beat @returns {Promise<number>} status */
  async #send(beat) {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(HEARTBEATS, { method: "POST", headers, body: JSON.stringify(beat), keepalive: true });
    if (answer.status === 410 && beat.session === this.#session) this.#session = ""; // too old: the next beat opens a new one
    return answer.status;
  }

  flush() {
    void this.#queue.flush();
  }

  leaves() {
    this.#intervals.moved(this.#video.currentTime, performance.now(), this.#video.playbackRate);
    this.beat();
    this.#queue.hurry(leave);
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {string} id public id of the item
 * @param {() => string} rungLabel what is playing, "720p"
 * @param {AbortSignal} signal
 */
export function watchTheWatching(video, id, rungLabel, signal) {
  const reporter = new Reporter(video, id, rungLabel);
  const on = (/** @type {string} */ moment, /** @type {() => void} */ listener) =>
    video.addEventListener(moment, listener, { signal });
  on("playing", () => reporter.starts());
  on("timeupdate", () => reporter.moves());
  on("pause", () => reporter.stops());
  on("ended", () => reporter.stops());
  on("waiting", () => reporter.starves());
  on("seeking", () => reporter.seeks());
  on("seeked", () => reporter.starts());
  on("ratechange", () => reporter.changesSpeed());
  // A phone kills pages without a word: what is hidden may never come back.
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && reporter.leaves(), { signal });
  globalThis.addEventListener("pagehide", () => reporter.leaves(), { signal });
  globalThis.addEventListener("online", () => reporter.flush(), { signal });
  reporter.flush(); // what an earlier page could not send
}
