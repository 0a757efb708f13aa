/** The list of a film's storyboard (WebVTT) as places on its sheets. Pure. */

const CUE = /^((?:\d+:)?\d{2}:\d{2}\.\d{3}) --> .*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm;

/**
 * @typedef {object} Tile
 * @property {number} seconds when this picture is on the screen
 * @property {string} sheet address of the picture it is a part of
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 */

/** @param {string} text @param {string} base absolute address of the list @returns {Tile[]} in order of time */
export function tilesOf(text, base) {
  return [...text.replaceAll("\r\n", "\n").matchAll(CUE)].map(([, begin = "", name = "", ...corner]) => {
    const [x = 0, y = 0, width = 0, height = 0] = corner.map(Number);
    const seconds = begin.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
    return { seconds, sheet: new URL(name, base).href, x, y, width, height };
  });
}

/** At most so many of them, spread evenly; the first among them. @template T @param {T[]} all @param {number} most @returns {T[]} */
export function spread(all, most) {
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(all.length, most) }, (_, index) => /** @type {T} */ (all[Math.floor(index * step)]));
}
