/** What this viewer chose in this browser: volume, speed, quality, sound, captions. Storage that is full or forbidden is no error. */

const KEY = "matinee.player";

/**
 * @typedef {object} Choices
 * @property {number} volume 0 to 1
 * @property {boolean} muted
 * @property {number} speed
 * @property {number | null} quality short side in pixels; null: by the line
 * @property {string | null} sound language of the track; null: nothing chosen yet
 * @property {string} soundTitle which of several in that language
 * @property {boolean} isEven whether films are made equally loud
 * @property {string | null} captions language; "": off; null: nothing chosen yet
 * @property {string} captionsLabel which of several in that language
 */

/** @type {Choices} */
const FIRST = { volume: 1, muted: false, speed: 1, quality: null, sound: null, soundTitle: "", isEven: true, captions: null, captionsLabel: "" };

/** What stands there, with every value that makes no sense replaced. @param {unknown} kept @returns {Choices} */
export function sane(kept) {
  const from = /** @type {Partial<Record<keyof Choices, unknown>>} */ (kept && typeof kept === "object" ? kept : {});
  const number = (/** @type {unknown} */ value, /** @type {number} */ least, /** @type {number} */ most, /** @type {number} */ other) =>
    typeof value === "number" && value >= least && value <= most ? value : other;
  return {
    volume: number(from.volume, 0, 1, FIRST.volume),
    muted: from.muted === true,
    speed: number(from.speed, 0.25, 2, FIRST.speed),
    quality: typeof from.quality === "number" && from.quality > 0 ? from.quality : null,
    sound: typeof from.sound === "string" ? from.sound : null,
    soundTitle: typeof from.soundTitle === "string" ? from.soundTitle : FIRST.soundTitle,
    isEven: from.isEven !== false,
    captions: typeof from.captions === "string" ? from.captions : null,
    captionsLabel: typeof from.captionsLabel === "string" ? from.captionsLabel : FIRST.captionsLabel,
  };
}

/** @returns {Choices} */
export function recall() {
  try {
    return sane(JSON.parse(localStorage.getItem(KEY) ?? "null"));
  } catch {
    return { ...FIRST };
  }
}

/** @param {Partial<Choices>} change */
export function remember(change) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...recall(), ...change }));
  } catch {
    // A private window: the choice lives as long as the page.
  }
}

/** The best rung that is no larger than what was chosen; else the smallest. -1 for "by the line".
 * @param {RungChoice[]} rungs @param {number | null} quality @returns {number} */
export function rungFor(rungs, quality) {
  if (quality === null || !rungs.length) return -1;
  const side = (/** @type {RungChoice} */ rung) => Math.min(rung.width, rung.height);
  const order = rungs.map((rung, index) => ({ index, side: side(rung) })).sort((one, other) => one.side - other.side);
  return (order.filter((one) => one.side <= quality).at(-1) ?? order[0])?.index ?? -1;
}

/** Applies what was chosen, and keeps what is chosen from now on. @param {HTMLVideoElement} video */
export function keepSoundAndSpeed(video) {
  const { volume, muted, speed } = recall();
  video.volume = volume;
  video.muted = muted;
  video.defaultPlaybackRate = speed; // loading resets the rate to this
  video.playbackRate = speed;
  video.addEventListener("volumechange", () => remember({ volume: video.volume, muted: video.muted }));
  video.addEventListener("ratechange", () => {
    video.defaultPlaybackRate = video.playbackRate;
    remember({ speed: video.playbackRate });
  });
}
