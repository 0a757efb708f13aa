/**
 * Grants in media addresses: `/media/<grant>/<item>/…`. The pure part swaps one; the keeper renews in time, so that every
 * later request goes out under a grant that still lives, and the film on the screen never hears of it.
 */

const MEDIA = /^(\/media\/)([^/]+)(\/.*)$/;
const RENEW_AT_SHARE = 0.8;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @param {string} address @returns {string | null} the grant in it */
export function grantOf(address) {
  return MEDIA.exec(new URL(address, "http://x").pathname)?.[2] ?? null;
}

/** The same address under another grant; what is no media address stays as it is.
 * @param {string} address absolute or from the root @param {string} grant @returns {string} */
export function underGrant(address, grant) {
  const isAbsolute = /^[a-z]+:/i.test(address);
  const url = new URL(address, "http://x");
  const match = MEDIA.exec(url.pathname);
  if (!match) return address;
  url.pathname = `${match[1]}${grant}${match[3]}`;
  return isAbsolute ? url.href : url.pathname + url.search + url.hash;
}

/** How long a grant lives, by the server's own clock where it told its time.
 * @param {string} expiresAt ISO 8601 @param {string | null} serverDate HTTP date @param {number} nowMs @returns {number} ms */
export function lifeMs(expiresAt, serverDate, nowMs) {
  const told = serverDate ? Date.parse(serverDate) : Number.NaN;
  return Math.max(0, Date.parse(expiresAt) - (Number.isNaN(told) ? nowMs : told));
}

/** Keeps one item's grant alive. `renew` fetches a new playback; what it throws is tried again at the next need. */
export class GrantKeeper {
  #grant = "";
  /** @type {Promise<void> | null} */
  #renewal = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #renew;

  /** @param {() => Promise<void>} renew calls take() with what it got */
  constructor(renew) {
    this.#renew = renew;
  }

  /** @param {string} address any address under the new grant @param {number} lifeLeftMs */
  take(address, lifeLeftMs) {
    this.#grant = grantOf(address) ?? "";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.renewNow(), Math.min(lifeLeftMs * RENEW_AT_SHARE, LONGEST_TIMER_MS));
  }

  /** The address to ask for now: waits for a renewal that is under way. @param {string} address @returns {Promise<string>} */
  async current(address) {
    await this.#renewal;
    return this.#grant ? underGrant(address, this.#grant) : address;
  }

  /** One renewal at a time, however many ask. @returns {Promise<void>} */
  renewNow() {
    this.#renewal ??= this.#renew()
      .catch(() => {})
      .finally(() => {
        this.#renewal = null;
      });
    return this.#renewal;
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
