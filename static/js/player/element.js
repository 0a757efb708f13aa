/**
 * <matinee-player data-video="id" data-start="seconds" data-hls="…" data-hls-whole="…" data-controls="…">: the player around the
 * <video> that the page carries; the last three are addresses: hls.js without and with choices of sound, chrome/elements.js. `data-guest`: places are kept here;
 * `data-refused` with `data-reason`: the page knows already why nothing plays. Builds nothing: the markup is
 * templates/videos/_player.html. Sends `snapshot` (bubbling) with each live state of the item, and `gone`.
 */

import { watchTheWatching } from "../analytics/watching.js";
import { clockText } from "../lib/clock.js";
import { followVideo } from "../lib/live.js";
import "../lib/making.js";
import { gettext, interpolate } from "../lib/words.js";
import { Captions } from "./captions.js";
import { Chapters } from "./chapters.js";
import { Evenness } from "./evenness.js";
import { GrowingEnd } from "./growing.js";
import { listenForKeys } from "./keyboard.js";
import { PlayerMessage } from "./message.js";
import { keepPlace, placeOf } from "./places.js";
import { keepSoundAndSpeed, recall, remember, rungFor } from "./remembered.js";
import { VideoRenditions } from "./renditions.js";
import { request } from "./requests.js";
import { Saying } from "./saying.js";
import { PlaySession } from "./session.js";
import { Sounds } from "./sounds.js";
import { Storyboard } from "./storyboard.js";
import { listenForTaps } from "./taps.js";
import { WaitingSign } from "./waiting.js";

const AVAILABLE = 0;
const PROCESSING = 1;
const CONTROLS_AFTER_MS = 700;
const CONTROLS_OF_NOTHING_AFTER_MS = 4000; // while there is no film yet that they could steer
const RESUME_TOLD_MS = 3500;
const WORTH_TELLING_SECONDS = 3;

export class MatineePlayer extends HTMLElement {
  #stop = new AbortController();
  #offer = "";
  #isMakingPaused = false;

  connectedCallback() {
    const video = this.querySelector("video");
    const controller = this.querySelector("media-controller");
    const { video: id, hls, hlsWhole } = this.dataset;
    if (!video || !(controller instanceof HTMLElement) || !id || !hls || !hlsWhole) return;
    this.#begin(video, controller, id, { light: hls, whole: hlsWhole });
  }

  disconnectedCallback() {
    this.#stop.abort();
  }

  /** @param {HTMLVideoElement} video @param {HTMLElement} controller @param {string} id @param {{light: string, whole: string}} hlsUrls */
  #begin(video, controller, id, hlsUrls) {
    const evenness = new Evenness(video, this.#stop.signal);
    keepSoundAndSpeed(video);
    this.#offerEvenness(evenness);
    const captions = new Captions(video, controller, this.#part("[data-forced]"));
    const chapters = new Chapters(video, this.#part("[data-chapter]"));
    const showWords = (/** @type {Playback} */ playback) => {
      captions.update(playback.captions);
      chapters.update(playback.chapters, playback.duration_seconds);
    };
    const saying = new Saying(this.#part("[data-saying]"));
    const message = new PlayerMessage(this.#part("[data-message]"), () => void session.again());
    const renditions = new VideoRenditions((index) => this.#chooseRung(session, renditions, index));
    Object.defineProperty(video, "videoRenditions", { value: renditions });

    const session = new PlaySession({
      video,
      hlsUrls,
      playbackUrl: `/api/videos/${id}/playback/`,
      report: (phase) => {
        this.dataset.phase = phase.phase;
        if (phase.phase === "ready") this.#bringControlsAfterFrame(video);
        else if (phase.phase !== "asking" && phase.phase !== "open" && phase.phase !== "making") this.#bringControls();
        if (phase.phase === "making") message.making(phase.progress);
        else if (phase.phase === "refused") message.refused(phase.code, phase.detail);
        else if (phase.phase === "broken") message.broken();
        else message.hide();
        if (phase.phase === "open") {
          showWords(phase.playback);
          sounds.open(phase.playback.sounds);
        }
        waiting.update();
      },
      rungsChanged: () => this.#showRungs(session, renditions),
      soundsChanged: () => sounds.update(),
      wordsChanged: showWords,
      lineChanged: () => waiting.update(),
    });
    const sounds = new Sounds({
      video,
      engine: () => session.engine,
      heard: (sound) => {
        evenness.gainDb = sound?.loudness?.gain_db ?? 0;
        captions.sound = sound?.language ?? "";
      },
    });
    const waiting = new WaitingSign(this.#part("[data-waiting]"), video, () => ({
      phase: session.phase.phase,
      isLineLost: session.line.isLost,
      madeSeconds: growing.seconds,
      isMakingPaused: this.#isMakingPaused,
    }));
    const growing = new GrowingEnd(video, () => session.engine, saying, this.#stop.signal);

    // A key pressed before the controls are there waits for them, and for their store, which takes the <video> a task later.
    const controls = customElements.whenDefined("media-controller").then(() => new Promise((resolve) => setTimeout(resolve)));
    const obey = (/** @type {import("./keys.js").Command} */ command) =>
      void controls.then(() => saying.say(request(command, controller, video)));
    listenForKeys(this, obey, this.#part("[data-keys]"), this.#stop.signal);
    listenForTaps(controller, video, obey);
    new Storyboard({
      video,
      controller,
      playback: () => session.playback,
      granted: (address) => session.granted(address),
      playbackUrl: `/api/videos/${id}/playback/`,
    });
    watchTheWatching(video, id, () => this.#rungLabel(session), this.#stop.signal);
    this.#follow(id, session, message);
    this.addEventListener("snapshot", () => waiting.update(), { signal: this.#stop.signal });

    const start = this.dataset.start ? Number(this.dataset.start) : null;
    const kept = "guest" in this.dataset ? placeOf(id) : null;
    if (kept !== null) keepPlace(video, id, this.#stop.signal);
    video.addEventListener(
      "loadedmetadata",
      () => {
        const from = start === null ? (kept ?? session.playback?.position_seconds ?? 0) : 0;
        if (from < WORTH_TELLING_SECONDS) return;
        saying.say({ words: interpolate(gettext("Going on at %(time)s"), { time: clockText(from) }) }, RESUME_TOLD_MS);
      },
      { once: true },
    );
    for (const moment of ["loadedmetadata", "resize"]) {
      video.addEventListener(moment, () => this.toggleAttribute("data-sound-only", video.videoWidth === 0));
    }
    this.#stop.signal.addEventListener("abort", () => session.end());
    void session.begin({ startSeconds: start ?? kept, known: this.dataset });
    setTimeout(
      () => setTimeout(() => this.#bringControls(), session.phase.phase === "making" ? CONTROLS_OF_NOTHING_AFTER_MS : 0),
      CONTROLS_AFTER_MS,
    );
  }

  /** The menu's entry ticks itself; what it shows is what holds. @param {Evenness} evenness */
  #offerEvenness(evenness) {
    const entry = this.#part("[data-even]");
    const isTicked = () => entry.getAttribute("aria-checked") === "true";
    entry.setAttribute("aria-checked", String(recall().isEven));
    evenness.isOn = isTicked();
    const follow = new MutationObserver(() => {
      evenness.isOn = isTicked();
      remember({ isEven: isTicked() });
    });
    follow.observe(entry, { attributeFilter: ["aria-checked"] });
  }

  /** Live news of the item. @param {string} id @param {PlaySession} session @param {PlayerMessage} message */
  #follow(id, session, message) {
    let stood = "";
    const hear = (/** @type {VideoSnapshot} */ snapshot) => {
      this.#isMakingPaused = snapshot.progress.state === "paused";
      this.dispatchEvent(new CustomEvent("snapshot", { bubbles: true, detail: snapshot }));
      const { phase } = session.phase;
      void session.lookForWords(snapshot.words_revision);
      if (phase === "making" && snapshot.status !== AVAILABLE) message.making(snapshot.progress);
      const hasBecomePlayable = phase === "making" && snapshot.version !== null && snapshot.status === AVAILABLE;
      const hasFailed = phase === "making" && snapshot.status !== AVAILABLE && snapshot.status !== PROCESSING;
      const stands = `${snapshot.status} ${snapshot.audit_status}`;
      const isAnotherMatter = phase === "refused" && stood !== "" && stands !== stood; // made again, brought back, approved
      stood = stands;
      const isTakenAway = (phase === "ready" || phase === "open") && snapshot.status !== AVAILABLE;
      if (hasBecomePlayable) void session.begin({ play: true });
      else if (hasFailed || isTakenAway || isAnotherMatter) void session.begin();
      else if ((phase === "ready" || phase === "open") && snapshot.version !== null) void session.lookForNewer(snapshot.version);
    };
    const stop = followVideo(id, hear, () => {
      this.dispatchEvent(new CustomEvent("gone", { bubbles: true }));
      void session.begin();
    });
    this.#stop.signal.addEventListener("abort", stop);
  }

  /** @param {PlaySession} session @param {VideoRenditions} renditions @param {number} index */
  #chooseRung(session, renditions, index) {
    const rung = session.rungs[index];
    remember({ quality: rung ? Math.min(rung.width, rung.height) : null });
    if (session.hasNewer) void session.takeNewer();
    else session.engine?.chooseRung(rung ? index : -1);
    renditions.observed(rung ? index : -1);
  }

  /** @param {PlaySession} session @param {VideoRenditions} renditions */
  #showRungs(session, renditions) {
    const { rungs, hasNewer } = session;
    const offer = `${session.playback?.version} ${hasNewer} ${rungs.length}`;
    if (offer === this.#offer || (rungs.length < 2 && !hasNewer)) return;
    this.#offer = offer;
    renditions.fill(rungs);
    if (hasNewer) return; // what plays has no rungs: nothing is chosen yet
    const index = rungFor(rungs, recall().quality);
    if (index < 0) return;
    session.engine?.chooseRung(index);
    renditions.observed(index);
  }

  /** @param {PlaySession} session @returns {string} "720p", or nothing while nobody knows */
  #rungLabel(session) {
    const rung = session.engine?.rungs[session.engine.playingRung];
    return rung ? `${Math.min(rung.width, rung.height)}p` : "";
  }

  /** The first frame goes before the controls, unless it takes its time. @param {HTMLVideoElement} video */
  #bringControlsAfterFrame(video) {
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) return this.#bringControls();
    video.addEventListener("loadeddata", () => this.#bringControls(), { once: true, signal: this.#stop.signal });
    setTimeout(() => this.#bringControls(), CONTROLS_AFTER_MS);
  }

  #bringControls() {
    const address = this.dataset.controls;
    if (address) import(address).catch(() => setTimeout(() => this.#bringControls(), CONTROLS_AFTER_MS));
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    const found = this.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`no ${selector} in the player`);
    return found;
  }
}

customElements.define("matinee-player", MatineePlayer);
