/** Which key asks for what. Pure: an event's facts in, a command out. */

/**
 * @typedef {"toggle" | "back" | "forward" | "back-short" | "forward-short" | "louder" | "softer" | "mute" | "fullscreen"
 *   | "captions" | "slower" | "faster" | "pip" | "keys" | "start" | "end" | `part-${number}`} Command
 */

/** @type {Record<string, Command>} */
const EVERYWHERE = {
  k: "toggle",
  j: "back",
  l: "forward",
  m: "mute",
  f: "fullscreen",
  c: "captions",
  i: "pip",
  "<": "slower",
  ">": "faster",
  "?": "keys",
  ArrowLeft: "back-short",
  ArrowRight: "forward-short",
  Home: "start",
  End: "end",
};

/** @type {Record<string, Command>} */
const IN_THE_PLAYER = { ArrowUp: "louder", ArrowDown: "softer" };

/**
 * @param {object} pressed
 * @param {string} pressed.key as KeyboardEvent names it
 * @param {boolean} pressed.hasModifier Ctrl, Alt or Meta
 * @param {boolean} pressed.isInPlayer the focus is on the player
 * @param {boolean} pressed.isOnControl the focus is on something that uses keys itself
 * @param {boolean} pressed.isTyping the focus is in a field
 * @returns {Command | null}
 */
export function commandFor({ key, hasModifier, isInPlayer, isOnControl, isTyping }) {
  if (hasModifier || isTyping) return null;
  if (key === " ") return isOnControl ? null : "toggle";
  const isMoving = key.startsWith("Arrow") || key === "Home" || key === "End";
  if (isMoving && isOnControl) return null;
  if ((key === "Home" || key === "End") && !isInPlayer) return null; // they scroll the page
  if (/^[0-9]$/.test(key)) return `part-${Number(key)}`;
  return EVERYWHERE[key.length === 1 ? key.toLowerCase() : key] ?? (isInPlayer ? (IN_THE_PLAYER[key] ?? null) : null);
}
