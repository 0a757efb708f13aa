/** Which stretches of a film were really played. Pure: what the <video> says and when goes in, [start, end] pairs come out. */

// A jump of the position that play at this rate cannot explain is a seek, whatever the events say.
const SLACK_SECONDS = 0.75;

export class WatchedIntervals {
  /** @type {[number, number][]} played since the last take(), in the order they were played */
  #done = [];
  #start = 0;
  #end = 0;
  #seenAtMs = 0;
  #isPlaying = false;

  /** The film moves. @param {number} position seconds @param {number} atMs */
  playing(position, atMs) {
    if (this.#isPlaying) {
      this.moved(position, atMs, 1);
      return;
    }
    this.#isPlaying = true;
    this.#start = this.#end = position;
    this.#seenAtMs = atMs;
  }

  /** The position has come this far. @param {number} position @param {number} atMs @param {number} rate */
  moved(position, atMs, rate) {
    if (!this.#isPlaying) return;
    const most = ((atMs - this.#seenAtMs) / 1000) * rate + SLACK_SECONDS;
    const step = position - this.#end;
    this.#seenAtMs = atMs;
    if (step < 0 || step > most) {
      this.#close();
      this.#start = position;
    }
    this.#end = position;
  }

  /** It stands: paused, seeking, starved or over. */
  stopped() {
    if (!this.#isPlaying) return;
    this.#isPlaying = false;
    this.#close();
  }

  /** What was played since the last time, rounded to milliseconds. @returns {[number, number][]} */
  take() {
    this.#close();
    const taken = this.#done;
    this.#done = [];
    return taken;
  }

  #close() {
    const round = (/** @type {number} */ seconds) => Math.round(seconds * 1000) / 1000;
    if (this.#end > this.#start) this.#done.push([round(this.#start), round(this.#end)]);
    this.#start = this.#end;
  }
}
