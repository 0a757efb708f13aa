/** Chapters of the film: marks on the seek bar and titles over it by media-chrome, which reads them from a track of the film, and
 * the title of the one that plays in the bar. */

import { gettext, interpolate } from "../lib/words.js";

/** @param {ChapterStart[]} chapters @returns {string[]} those without a title are counted */
export function titlesOf(chapters) {
  return chapters.map(({ title }, index) => title || interpolate(gettext("Chapter %(number)s"), { number: index + 1 }));
}

/** Which one plays. @param {ChapterStart[]} chapters @param {number} seconds @returns {number} -1 before the first */
export function playing(chapters, seconds) {
  return chapters.findLastIndex((chapter) => chapter.start_seconds <= seconds);
}

/** Cue text is markup: these two begin it. @param {string} title @returns {string} */
function escaped(title) {
  return title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

export class Chapters {
  #video;
  #place;
  /** @type {TextTrack | null} */
  #track = null;
  /** @type {ChapterStart[]} */
  #chapters = [];
  /** @type {string[]} */
  #titles = [];

  /** @param {HTMLVideoElement} video @param {HTMLElement} place for the title of the chapter that plays */
  constructor(video, place) {
    this.#video = video;
    this.#place = place;
    for (const moment of ["timeupdate", "seeking", "emptied"]) video.addEventListener(moment, () => this.#tell());
  }

  /** @param {ChapterStart[]} chapters in order @param {number} durationSeconds */
  update(chapters, durationSeconds) {
    if (JSON.stringify(chapters) === JSON.stringify(this.#chapters)) return;
    this.#chapters = chapters;
    this.#titles = titlesOf(chapters);
    this.#track ??= this.#video.addTextTrack("chapters");
    this.#track.mode = "hidden";
    for (const cue of [...(this.#track.cues ?? [])]) this.#track.removeCue(cue);
    chapters.forEach(({ start_seconds: start }, index) => {
      const end = chapters[index + 1]?.start_seconds ?? durationSeconds;
      if (end > start) this.#track?.addCue(new VTTCue(start, end, escaped(this.#titles[index] ?? "")));
    });
    this.#video.textTracks.dispatchEvent(new Event("change")); // cues that come and go are no event of their own
    this.#tell();
  }

  #tell() {
    const title = this.#titles[playing(this.#chapters, this.#video.currentTime)] ?? "";
    if (this.#place.textContent !== title) this.#place.textContent = title;
    this.#place.hidden = title === "";
  }
}
