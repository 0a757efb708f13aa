/** Times as people write them, and a list of chapters looked over before it is sent. Pure. */

import { gettext } from "../lib/words.js";

/** Seconds of "83", "1:23" or "1:02:03.5"; null for what is no time. @param {string} text @returns {number | null} */
export function secondsOf(text) {
  const parts = text.trim().replace(",", ".").split(":");
  if (parts.length > 3 || !/^\d{1,6}(\.\d{1,3})?$/.test(parts.at(-1) ?? "")) return null;
  if (!parts.slice(0, -1).every((part) => /^\d{1,3}$/.test(part))) return null;
  if (parts.slice(1).some((part) => Number(part) >= 60)) return null;
  return parts.reduce((seconds, part) => seconds * 60 + Number(part), 0);
}

/** `m:ss`, or `h:mm:ss`, with what is left of the second. @param {number} seconds @returns {string} */
export function exactTime(seconds) {
  const all = Math.round(Math.max(0, seconds) * 1000);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const rest = all % 1000 ? `.${String(all % 1000).padStart(3, "0").replace(/0+$/, "")}` : "";
  const whole = Math.floor(all / 1000);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}${rest}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}${rest}`;
}

/**
 * The list in order of time, or for each row what is wrong with it.
 * @param {{time: string, title: string}[]} rows @param {number | null} durationSeconds
 * @returns {{chapters: ChapterStart[], faults: string[]}}
 */
export function checked(rows, durationSeconds) {
  const seconds = rows.map(({ time }) => secondsOf(time));
  const faults = seconds.map((start, index) => {
    if (start === null) return gettext("Write a time such as 1:23.");
    if (durationSeconds !== null && start >= durationSeconds) return gettext("The film ends before that.");
    if (seconds.indexOf(start) < index) return gettext("Another chapter begins there.");
    return "";
  });
  const chapters = rows.map(({ title }, index) => ({ start_seconds: seconds[index] ?? 0, title: title.trim() }));
  chapters.sort((one, other) => one.start_seconds - other.start_seconds);
  return { chapters, faults };
}
