/**
 * Even loudness: what the film's sound should be changed by is added to what the viewer chose. Everybody else goes on reading and
 * writing `video.volume` and finds there what the viewer chose, nothing more.
 *
 * Lowering scales the element's own volume. Raising needs a graph, which takes the sound of the element for good: it would fall
 * silent in the background on phones, over AirPlay, and for media of another origin. So there is one only where a film wants to
 * be louder and none of that can happen, once the viewer has touched the page.
 */

const WORTH_A_GRAPH_DB = 0.5;
const SMOOTH_SECONDS = 0.05;

/** @param {number} db @returns {number} */
export function factorOf(db) {
  return 10 ** (db / 20);
}

const native = globalThis.HTMLMediaElement && Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "volume");

export class Evenness {
  #video;
  #chosen;
  #gainDb = 0;
  #isOn = true;
  /** @type {Promise<Amplifier | null> | null} */
  #amplifier = null;

  /** @param {HTMLVideoElement} video @param {AbortSignal} signal */
  constructor(video, signal) {
    this.#video = video;
    this.#chosen = video.volume;
    Object.defineProperty(video, "volume", { configurable: true, enumerable: true, get: () => this.#chosen, set: (level) => this.#choose(level) });
    video.addEventListener("volumechange", () => this.#look(), { signal });
    for (const moment of ["play", "playing"]) video.addEventListener(moment, () => this.#amplify(), { signal });
    signal.addEventListener("abort", () => void this.#amplifier?.then((one) => one?.close()));
  }

  /** What the film's sound wants. @param {number} db */
  set gainDb(db) {
    this.#gainDb = db;
    this.#apply();
  }

  /** @param {boolean} isOn */
  set isOn(isOn) {
    this.#isOn = isOn;
    this.#apply();
  }

  get #factor() {
    return this.#isOn ? factorOf(this.#gainDb) : 1;
  }

  /** @param {number} level */
  #choose(level) {
    native?.set?.call(this.#video, level * Math.min(1, this.#factor)); // throws for what is no level
    this.#chosen = this.#isTaken(level) ? level : native?.get?.call(this.#video); // phones keep theirs
  }

  /** The browser's own controls have changed it, which know nothing of us. */
  #look() {
    if (!this.#isTaken(this.#chosen)) this.#chosen = Math.min(1, native?.get?.call(this.#video) / Math.min(1, this.#factor));
  }

  /** @param {number} level */
  #isTaken(level) {
    return Math.abs(native?.get?.call(this.#video) - level * Math.min(1, this.#factor)) < 1e-3;
  }

  #apply() {
    native?.set?.call(this.#video, this.#chosen * Math.min(1, this.#factor));
    this.#amplify();
  }

  #amplify() {
    if (!this.#amplifier && this.#factor > factorOf(WORTH_A_GRAPH_DB) && mayAmplify(this.#video)) {
      this.#amplifier = Amplifier.on(this.#video);
      void this.#amplifier.then((one) => {
        if (!one) this.#amplifier = null; // the browser says no for now
      });
    }
    void this.#amplifier?.then((one) => one?.set(Math.max(1, this.#factor)));
  }
}

/** @param {HTMLVideoElement} video @returns {boolean} */
function mayAmplify(video) {
  const isOurs = video.currentSrc.startsWith("blob:"); // of this origin, through Media Source Extensions
  const isAirPlay = "WebKitPlaybackTargetAvailabilityEvent" in globalThis;
  return isOurs && !isAirPlay && !video.paused && navigator.userActivation?.hasBeenActive === true;
}

class Amplifier {
  #context;
  #gain;

  /** @param {AudioContext} context @param {GainNode} gain */
  constructor(context, gain) {
    this.#context = context;
    this.#gain = gain;
  }

  /** Null where the browser does not let sound through: then nothing was taken. @param {HTMLVideoElement} video */
  static async on(video) {
    const context = new AudioContext();
    await context.resume().catch(() => {});
    if (context.state !== "running") {
      await context.close();
      return null;
    }
    const gain = context.createGain();
    context.createMediaElementSource(video).connect(gain).connect(context.destination);
    return new Amplifier(context, gain);
  }

  /** @param {number} factor */
  set(factor) {
    void this.#context.resume();
    this.#gain.gain.setTargetAtTime(factor, this.#context.currentTime, SMOOTH_SECONDS);
  }

  close() {
    void this.#context.close();
  }
}
