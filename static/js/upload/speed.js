/** How fast bytes go and how long the rest takes, from the last few seconds. Pure: times and totals in, numbers out. */

const WINDOW_MS = 8000;
// Before this much time nothing is told: the first numbers of a connection are fantasy.
const TRUSTED_AFTER_MS = 1200;

export class SpeedMeter {
  /** @type {{atMs: number, bytes: number}[]} */
  #samples = [];

  /** @param {number} atMs @param {number} bytes sent so far in all */
  add(atMs, bytes) {
    this.#samples.push({ atMs, bytes });
    while (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? atMs) >= WINDOW_MS) this.#samples.shift();
  }

  /** @returns {number | null} bytes a second */
  get bytesPerSecond() {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs - first.atMs < TRUSTED_AFTER_MS) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }

  /** @param {number} totalBytes @returns {number | null} seconds; null while nobody can tell */
  secondsLeft(totalBytes) {
    const speed = this.bytesPerSecond;
    const sent = this.#samples.at(-1)?.bytes ?? 0;
    return speed ? Math.max(0, totalBytes - sent) / speed : null;
  }
}
