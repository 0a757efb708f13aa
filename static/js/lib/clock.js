/** Lengths of time and sizes as people read them. Pure except for the words. */

import { gettext, interpolate, ngettext } from "./words.js";

/** Without the rounding errors of containers: to the hundredth. A film of 2:30 may end at 149.999999 s by the browser's
 * reckoning. What is not known stays unknown. @param {number} seconds @returns {number} */
export function exactSeconds(seconds) {
  return Number.isFinite(seconds) ? Math.round(seconds * 100) / 100 : seconds;
}

/** `m:ss`, or `h:mm:ss` from one hour on; whole seconds that have passed, as the player's own clock and the pages tell them
 * (videos/templatetags/video_text.py). @param {number} seconds @returns {string} */
export function clockText(seconds) {
  if (!Number.isFinite(seconds)) return "–:––";
  const whole = Math.max(0, Math.floor(exactSeconds(seconds)));
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** As exact as an estimate is: seconds below a minute, then minutes, then hours. @param {number} seconds @returns {string} */
export function timeLeftText(seconds) {
  if (seconds < 8) return gettext("a few seconds left");
  if (seconds < 55) {
    const shown = Math.ceil(seconds / 5) * 5;
    return interpolate(ngettext("%(count)s second left", "%(count)s seconds left", shown), { count: shown });
  }
  if (seconds < 5400) {
    const shown = Math.max(1, Math.round(seconds / 60));
    return interpolate(ngettext("%(count)s minute left", "%(count)s minutes left", shown), { count: shown });
  }
  const shown = Math.round(seconds / 3600);
  return interpolate(ngettext("%(count)s hour left", "%(count)s hours left", shown), { count: shown });
}

/** Decimal units, three figures: "734 MB", "1.52 GB". @param {number} bytes @returns {string} */
export function bytesText(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
