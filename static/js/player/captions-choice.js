/** Which captions are shown: by what the viewer chose, else by what the film's owner wishes. Pure. */

import { isSameLanguage, languageName } from "../lib/languages.js";

/**
 * What the viewer chose: null for nothing yet, "" for off, else a language.
 * @typedef {{language: string | null, label: string}} Wish
 */

/** A name for each, no two alike. @param {CaptionAddress[]} captions @param {string} [reader] @returns {string[]} */
export function namesOf(captions, reader) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return captions.map(({ language, label }) => {
    const own = languageName(language, reader);
    const name = !label ? own : label.toLowerCase().includes(own.toLowerCase()) || language === "und" ? label : `${own} (${label})`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count > 1 ? `${name} ${count}` : name;
  });
}

/** The captions that a wish means, or null. Forced ones are nobody's choice: they come by themselves.
 * @param {CaptionAddress[]} captions @param {Wish} wish @returns {CaptionAddress | null} */
export function wished(captions, wish) {
  const offered = captions.filter((one) => !one.is_forced);
  const { language, label } = wish;
  if (language === "") return null;
  if (language === null) return offered.find((one) => one.is_default) ?? null;
  return (
    offered.find((one) => one.language === language && one.label === label) ??
    offered.find((one) => one.language === language) ??
    offered.find((one) => isSameLanguage(one.language, language)) ??
    null
  );
}

/** What to switch on for somebody who wants captions: those of last time, the owner's, then by the languages they read.
 * @param {CaptionAddress[]} captions @param {Wish} last @param {readonly string[]} reads @returns {CaptionAddress | null} */
export function firstChoice(captions, last, reads) {
  const offered = captions.filter((one) => !one.is_forced);
  const own = last.language ? wished(captions, last) : null;
  const read = reads.map((tag) => offered.find((one) => isSameLanguage(one.language, tag))).find(Boolean);
  return own ?? offered.find((one) => one.is_default) ?? read ?? offered[0] ?? null;
}

/** What stands in the picture without captions: foreign words for those who hear the film in this language. Where nobody knows
 * what they hear, by the languages they read. @param {CaptionAddress[]} captions @param {string} sound BCP 47, or nothing
 * @param {readonly string[]} reads @returns {CaptionAddress | null} */
export function forcedFor(captions, sound, reads) {
  const forced = captions.filter((one) => one.is_forced);
  const heard = forced.find((one) => isSameLanguage(one.language, sound));
  if (heard || sound) return heard ?? forced.find((one) => one.language === "und") ?? null;
  const read = reads.map((tag) => forced.find((one) => isSameLanguage(one.language, tag))).find(Boolean);
  return read ?? forced.find((one) => one.is_default) ?? (forced.length === 1 ? (forced[0] ?? null) : null);
}
