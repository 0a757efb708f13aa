/** Commands become requests to media-chrome's store; it asks the engine and shows what became of it. */

import { clockText } from "../lib/clock.js";
import { gettext, interpolate } from "../lib/words.js";

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const STEP_SECONDS = 10;
const SHORT_STEP_SECONDS = 5;
const VOLUME_STEP = 0.05;

/** The next speed in a direction. @param {number} now @param {1 | -1} direction @returns {number} */
export function nextSpeed(now, direction) {
  const others = direction > 0 ? SPEEDS.filter((one) => one > now) : SPEEDS.filter((one) => one < now).reverse();
  return others[0] ?? now;
}

/** @typedef {{words: string, side?: "left" | "right"}} Said */

/**
 * Does it, and returns what to tell the viewer where the screen would not.
 * @param {import("./keys.js").Command} command
 * @param {HTMLElement} controller media-controller
 * @param {HTMLVideoElement} video
 * @returns {Said | null}
 */
export function request(command, controller, video) {
  const ask = (/** @type {string} */ type, /** @type {unknown} */ detail = undefined) =>
    controller.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  const seekTo = (/** @type {number} */ seconds) => {
    if (!Number.isFinite(video.duration)) return;
    ask("mediaseekrequest", Math.min(Math.max(0, seconds), video.duration));
  };
  const seekBy = (/** @type {number} */ seconds) => {
    seekTo(video.currentTime + seconds);
    /** @type {Said} */
    const said = {
      words: interpolate(gettext("%(seconds)s s"), { seconds: `${seconds > 0 ? "+" : "−"}${Math.abs(seconds)}` }),
      side: seconds > 0 ? "right" : "left",
    };
    return said;
  };
  const volume = (/** @type {number} */ level) => {
    const next = Math.round(Math.min(1, Math.max(0, level)) * 100) / 100;
    ask("mediavolumerequest", next);
    return { words: interpolate(gettext("Volume %(percent)s %"), { percent: Math.round(next * 100) }) };
  };
  const speed = (/** @type {1 | -1} */ direction) => {
    const next = nextSpeed(video.playbackRate, direction);
    ask("mediaplaybackraterequest", next);
    return { words: `${next}×` };
  };

  switch (command) {
    case "toggle":
      ask(video.paused ? "mediaplayrequest" : "mediapauserequest");
      return null;
    case "back":
      return seekBy(-STEP_SECONDS);
    case "forward":
      return seekBy(STEP_SECONDS);
    case "back-short":
      return seekBy(-SHORT_STEP_SECONDS);
    case "forward-short":
      return seekBy(SHORT_STEP_SECONDS);
    case "louder":
      return volume(video.volume + VOLUME_STEP);
    case "softer":
      return volume(video.volume - VOLUME_STEP);
    case "mute":
      ask(video.muted ? "mediaunmuterequest" : "mediamuterequest");
      return { words: video.muted ? gettext("Sound off") : gettext("Sound on") };
    case "fullscreen":
      ask(document.fullscreenElement ? "mediaexitfullscreenrequest" : "mediaenterfullscreenrequest");
      return null;
    case "pip":
      ask(document.pictureInPictureElement ? "mediaexitpiprequest" : "mediaenterpiprequest");
      return null;
    case "captions":
      return captions(video, () => ask("mediatogglesubtitlesrequest"));
    case "slower":
      return speed(-1);
    case "faster":
      return speed(1);
    case "start":
      seekTo(0);
      return null;
    case "end":
      seekTo(video.duration);
      return null;
    case "keys":
      return null; // the player opens its list
    default: {
      const seconds = (video.duration * Number(command.slice("part-".length))) / 10;
      seekTo(seconds);
      return Number.isFinite(seconds) ? { words: clockText(seconds) } : null;
    }
  }
}

/** @param {HTMLVideoElement} video @param {() => void} toggle @returns {Said} */
function captions(video, toggle) {
  const tracks = [...video.textTracks].filter(({ kind }) => kind === "subtitles" || kind === "captions");
  if (!tracks.length) return { words: gettext("This film has no captions") };
  toggle();
  const showing = tracks.find((track) => track.mode === "showing");
  return { words: showing ? showing.label : gettext("Captions off") };
}
