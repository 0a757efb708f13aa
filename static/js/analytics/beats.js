/**
 * Heartbeats on their way to the server, in order. What could not be sent is kept, over a lost line and a closed page, and
 * goes out later; the server knows each by session and number, so that none counts twice.
 */

const KEY = "matinee.beats";
const MOST_KEPT = 240; // twenty minutes
const TOO_OLD_MS = 24 * 3600 * 1000;
export const HEARTBEATS = "/api/playback/heartbeats/";

/**
 * @typedef {object} Beat
 * @property {string} session
 * @property {number} seq
 * @property {string} sent_at ISO 8601, when it was made
 * @property {number} position_seconds
 * @property {number} rate
 * @property {string} rung
 * @property {[number, number][]} intervals
 * @property {number} stalls how often the picture stood for want of bytes
 * @property {number} stall_seconds
 */

/** Whether another try can help. @param {number} status @returns {boolean} */
export function isWorthKeeping(status) {
  return status >= 500 || status === 429 || status === 408;
}

export class BeatQueue {
  /** @type {Beat[]} */
  #waiting;
  #isSending = false;
  #store;
  #send;

  /**
   * @param {object} parts
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} parts.store
   * @param {(beat: Beat) => Promise<number>} parts.send resolves to the answer's status; rejects without a line
   * @param {number} parts.nowMs
   */
  constructor({ store, send, nowMs }) {
    this.#store = store;
    this.#send = send;
    this.#waiting = kept(store).filter((beat) => nowMs - Date.parse(beat.sent_at) < TOO_OLD_MS);
  }

  get length() {
    return this.#waiting.length;
  }

  /** @param {Beat} beat */
  add(beat) {
    this.#waiting.push(beat);
    if (this.#waiting.length > MOST_KEPT) this.#waiting.shift();
    this.#keep();
  }

  /** Sends what waits, oldest first, until it is empty or the line is gone. @returns {Promise<void>} */
  async flush() {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let beat = this.#waiting[0]; beat; beat = this.#waiting[0]) {
        const status = await this.#send(beat);
        if (isWorthKeeping(status)) return;
        this.#drop(beat);
      }
    } catch {
      // No line: they stay.
    } finally {
      this.#isSending = false;
    }
  }

  /** The page goes: hands each to `leave`; what it takes is dropped. @param {(beat: Beat) => boolean} leave */
  hurry(leave) {
    for (const beat of [...this.#waiting]) if (leave(beat)) this.#drop(beat);
  }

  /** @param {Beat} beat */
  #drop(beat) {
    this.#waiting = this.#waiting.filter((one) => one !== beat);
    this.#keep();
  }

  #keep() {
    try {
      if (this.#waiting.length) this.#store.setItem(KEY, JSON.stringify(this.#waiting));
      else this.#store.removeItem(KEY);
    } catch {
      // No storage: they live as long as the page.
    }
  }
}

/** @param {Pick<Storage, "getItem">} store @returns {Beat[]} */
function kept(store) {
  try {
    const beats = JSON.parse(store.getItem(KEY) ?? "[]");
    return Array.isArray(beats) ? beats : [];
  } catch {
    return [];
  }
}
