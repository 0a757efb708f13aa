/** Which sound track is heard: what the viewer chose before, else the film's own default. Pure. */

import { isSameLanguage } from "../lib/languages.js";
import { namesOf } from "./captions-choice.js";

/**
 * What the viewer chose last: null for nothing yet.
 * @typedef {{language: string | null, title: string}} SoundWish
 */

/** A name for each, no two alike. @param {SoundChoice[]} sounds @param {string} [reader] @returns {string[]} */
export function soundNames(sounds, reader) {
  const told = sounds.map(({ language, title }) => ({ language: language || "und", label: title, url: "", is_default: false, is_forced: false }));
  return namesOf(told, reader);
}

/** Its place in the list. A commentary is nobody's wish by its language alone: the first track of a language stands for it.
 * @param {SoundChoice[]} sounds @param {SoundWish} wish @returns {number} */
export function soundFor(sounds, { language, title }) {
  const own = Math.max(0, sounds.findIndex((one) => one.is_default));
  if (language === null) return own;
  const places = [
    sounds.findIndex((one) => one.language === language && one.title === title),
    sounds[own]?.language === language ? own : -1,
    sounds.findIndex((one) => one.language === language),
    sounds.findIndex((one) => isSameLanguage(one.language, language)),
  ];
  return places.find((place) => place >= 0) ?? own;
}
