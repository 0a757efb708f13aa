/**
 * One playing of one item: asks where the streams are, opens an engine on them, keeps the grant alive and the line up.
 * Reports phases; what the picture does is read from the <video> itself.
 */

import { bridge } from "./bridge.js";
import { chooseEngine } from "./engines/choose.js";
import { GrantKeeper } from "./grants.js";
import { Line } from "./line.js";
import { askForPlayback } from "./playback.js";
import { isBuffered, playedSeconds } from "./ranges.js";

const REOPENINGS = 3;
const STEADY_SECONDS = 5; // what has played for so long was no film that is refused again and again

/**
 * @typedef {{phase: "asking"} | {phase: "open", playback: Playback} | {phase: "ready"}
 *   | {phase: "making", progress: Progress | null} | {phase: "refused", code: string, detail: string}
 *   | {phase: "broken", detail: string, atSeconds: number}} Phase
 */

export class PlaySession {
  /** @type {Phase} */
  phase = { phase: "asking" };
  /** @type {Playback | null} */
  playback = null;
  /** @type {Engine | null} */
  engine = null;
  #parts;
  #grants;
  /** A newer version than the one that plays; it waits for a moment when nobody minds. @type {Playback | null} */
  #newer = null;
  #reopenings = 0;
  /** Which opening counts: each ends those before it, wherever they wait. */
  #opening = 0;
  #askedWords = 0;
  #wantsPlay = false;

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video
   * @param {string} parts.playbackUrl
   * @param {{light: string, whole: string}} parts.hlsUrls
   * @param {(phase: Phase) => void} parts.report
   * @param {() => void} parts.rungsChanged
   * @param {() => void} parts.soundsChanged
   * @param {(playback: Playback) => void} parts.wordsChanged captions or chapters, or the addresses of captions
   * @param {() => void} parts.lineChanged
   */
  constructor(parts) {
    this.#parts = parts;
    this.line = new Line(parts.lineChanged);
    parts.video.addEventListener("pause", () => this.#takeNewerUnless(parts.video.ended));
    parts.video.addEventListener("seeking", () => this.#takeNewerUnless(isBuffered(parts.video)));
    this.#grants = new GrantKeeper(() => this.#renew());
  }

  /**
   * @param {object} [how]
   * @param {number | null} [how.startSeconds] null: where the viewer stopped
   * @param {boolean} [how.play] go on playing as soon as there is a picture
   * @param {{refused?: string, reason?: string}} [how.known] what the page says already, so that nobody need ask
   */
  async begin({ startSeconds = null, play = false, known = {} } = {}) {
    if (known.refused === "not_ready") return this.#enter({ phase: "making", progress: null });
    if (known.refused) return this.#refuse(known.refused, known.reason ?? "");
    if (this.phase.phase !== "making") this.#enter({ phase: "asking" });
    const opening = (this.#opening += 1);
    const answer = await askForPlayback(this.#parts.playbackUrl);
    if (opening !== this.#opening) return;
    if (answer.kind === "unreachable") {
      this.line.lost(() => void this.begin({ startSeconds, play }));
      return;
    }
    this.line.back();
    if (answer.kind === "making") this.#enter({ phase: "making", progress: answer.progress });
    else if (answer.kind === "refused") this.#refuse(answer.code, answer.detail);
    else await this.#open(answer.playback, answer.lifeMs, startSeconds, play);
  }

  /** The viewer asks for another try. */
  async again() {
    const startSeconds = this.phase.phase === "broken" ? this.phase.atSeconds : null;
    this.#reopenings = 0;
    await this.begin({ startSeconds, play: true });
  }

  /** The film is taken away; what stands on the screen goes too. @param {string} code @param {string} detail */
  #refuse(code, detail) {
    this.#close();
    this.#grants.stop();
    this.#enter({ phase: "refused", code, detail });
  }

  /** The item has a newer version: what plays goes on untouched, and the newer rungs are offered. @param {number} version */
  async lookForNewer(version) {
    if (!this.playback || version <= Math.max(this.playback.version, this.#newer?.version ?? 0)) return;
    const answer = await askForPlayback(this.#parts.playbackUrl);
    if (answer.kind !== "playable" || !this.playback || answer.playback.version <= this.playback.version) return;
    this.#newer = answer.playback;
    this.#parts.rungsChanged();
  }

  /** Captions or chapters have changed: they are taken at once, whatever plays. @param {number} revision */
  async lookForWords(revision) {
    if (!this.playback || revision <= Math.max(this.playback.words_revision, this.#askedWords)) return;
    this.#askedWords = revision;
    const answer = await askForPlayback(this.#parts.playbackUrl);
    if (answer.kind === "playable") this.#takeWords(answer.playback);
    else this.#askedWords = 0; // the next snapshot asks again
  }

  /** @param {Playback} newest */
  #takeWords({ captions, chapters, words_revision }) {
    if (!this.playback) return;
    this.playback = { ...this.playback, captions, chapters, words_revision };
    this.#parts.wordsChanged(this.playback);
  }

  /** Whether `rungs` are those of a version that is not open yet. */
  get hasNewer() {
    return this.#newer !== null;
  }

  /** What the viewer may choose from. @returns {RungChoice[]} */
  get rungs() {
    if (!this.#newer) return this.engine?.rungs ?? [];
    return this.#newer.mp4.map(({ height }) => ({ width: height, height, bitrate: 0 }));
  }

  /** Opens the newer version at the same second, under a still of the picture. */
  async takeNewer() {
    const { video } = this.#parts;
    this.#newer = null;
    bridge(video);
    await this.begin({ startSeconds: video.currentTime, play: !video.paused });
  }

  /** @param {boolean} isBadMoment */
  #takeNewerUnless(isBadMoment) {
    if (this.#newer && !isBadMoment && this.phase.phase === "ready") void this.takeNewer();
  }

  /** An address of this item under a grant that lives. @param {string} address @returns {Promise<string>} */
  granted(address) {
    return this.#grants.current(address);
  }

  end() {
    this.#close();
    this.#grants.stop();
    this.line.close();
  }

  /**
   * @param {Playback} playback
   * @param {number} lifeLeftMs
   * @param {number | null} startSeconds
   * @param {boolean} play
   */
  async #open(playback, lifeLeftMs, startSeconds, play) {
    const { video, hlsUrls } = this.#parts;
    this.#close();
    const opening = this.#opening;
    const isWanted = () => opening === this.#opening;
    this.playback = playback;
    this.#newer = null;
    this.#wantsPlay = play;
    this.#grants.take(playback.hls, lifeLeftMs);
    this.#enter({ phase: "open", playback });
    const hasSounds = playback.sounds.length > 1 || playback.is_growing;
    try {
      const engine = await chooseEngine({ video, grants: this.#grants, tell: (news) => this.#hear(news), hlsUrls, hasSounds, isWanted });
      if (!isWanted()) return engine?.close();
      this.engine = engine;
    } catch {
      if (isWanted()) this.line.lost(() => void this.begin({ startSeconds, play })); // the player's own code did not arrive
      return;
    }
    this.engine?.open(playback, startSeconds ?? playback.position_seconds);
  }

  #close() {
    this.#opening += 1;
    this.engine?.close();
    this.engine = null;
  }

  /** @param {EngineNews} news */
  #hear(news) {
    if (news.kind === "ready") {
      this.line.back();
      this.#enter({ phase: "ready" });
      if (this.#wantsPlay) this.#parts.video.play().catch(() => {}); // a browser that forbids it leaves the first frame
      this.#wantsPlay = false;
    } else if (news.kind === "rungs") this.#parts.rungsChanged();
    else if (news.kind === "sounds") this.#parts.soundsChanged();
    else if (news.kind === "line-lost") this.line.lost(() => this.#resume());
    else if (news.kind === "line-back") {
      this.line.back();
      this.#reopenings = 0;
    } else if (news.kind === "refused") void this.#askAgain();
    else this.#breakOff(news.detail);
  }

  /** @param {string} detail */
  #breakOff(detail) {
    const atSeconds = this.#parts.video.currentTime;
    this.#close();
    this.#enter({ phase: "broken", detail, atSeconds });
  }

  #resume() {
    this.engine?.resume();
    this.line.lost(() => this.#resume()); // until the engine says that bytes came
  }

  /** The bytes were refused: the answer about the item says why, or where they are now. */
  async #askAgain() {
    if (playedSeconds(this.#parts.video) >= STEADY_SECONDS) this.#reopenings = 0;
    this.#reopenings += 1;
    if (this.#reopenings > REOPENINGS) {
      this.#breakOff("refused");
      return;
    }
    const { currentTime, paused } = this.#parts.video;
    await this.begin({ startSeconds: currentTime, play: !paused });
  }

  async #renew() {
    const opening = this.#opening;
    const answer = await askForPlayback(this.#parts.playbackUrl);
    if (opening !== this.#opening) return; // it brings a grant of its own
    if (answer.kind === "refused") this.#refuse(answer.code, answer.detail);
    if (answer.kind !== "playable" || !this.playback) return;
    if (answer.playback.version === this.playback.version) {
      this.#grants.take(answer.playback.hls, answer.lifeMs);
      this.#takeWords(answer.playback);
      return;
    }
    const { currentTime, paused } = this.#parts.video; // a grant names its version, so the newer one is taken now
    await this.#open(answer.playback, answer.lifeMs, currentTime, !paused);
  }

  /** @param {Phase} phase */
  #enter(phase) {
    this.phase = phase;
    this.#parts.report(phase);
  }
}
