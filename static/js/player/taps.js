/**
 * Touch: a double tap on the left or right third goes ten seconds back or on; every further tap of the row another ten.
 * Mouse: a double click is the whole screen; its two single clicks have paused and gone on again.
 */

const ROW_MS = 320;

/** Tells rows of taps apart. Pure: times and places in, -1, 0 or 1 out. */
export class TapRow {
  #lastMs = -Infinity;
  #lastSide = 0;

  /**
   * @param {number} atMs
   * @param {number} share how far across, 0 to 1
   * @returns {-1 | 0 | 1} a step back, none, a step on
   */
  tap(atMs, share) {
    const side = share < 1 / 3 ? -1 : share > 2 / 3 ? 1 : 0;
    const isInRow = side !== 0 && side === this.#lastSide && atMs - this.#lastMs < ROW_MS;
    this.#lastMs = atMs;
    this.#lastSide = side;
    return isInRow ? side : 0;
  }
}

/**
 * @param {HTMLElement} controller
 * @param {HTMLVideoElement} video
 * @param {(command: "back" | "forward" | "fullscreen") => void} obey
 */
export function listenForTaps(controller, video, obey) {
  const row = new TapRow();
  let pointer = "";
  const isOnPicture = (/** @type {Event} */ event) => event.target === video || event.target === controller;
  controller.addEventListener("dblclick", (event) => {
    if (pointer === "mouse" && isOnPicture(event)) obey("fullscreen");
  });
  controller.addEventListener("pointerup", (event) => {
    pointer = event.pointerType;
    if (pointer !== "touch" || !isOnPicture(event)) return;
    const box = controller.getBoundingClientRect();
    const side = row.tap(event.timeStamp, (event.clientX - box.left) / box.width);
    if (side) obey(side < 0 ? "back" : "forward");
  });
}
