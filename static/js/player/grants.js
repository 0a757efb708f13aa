/**
 * Grants in media addresses: `/media/<grant>/<item>/…`. The pure part swaps one; the keeper renews in time, so that every
 * later request goes out under a grant that still lives, and the film on the screen never hears of it.
 */

import { backoffMs } from "../lib/backoff.js";

const MEDIA = /^(\/media\/)([^/]+)(\/.*)$/;
const RENEW_AT_SHARE = 0.8;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const LONGEST_PAUSE_MS = 60_000; // between tries to renew

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

/** Keeps one item's grant alive. `renew` fetches a new playback; one that brings none is tried again, further and further apart. */
export class GrantKeeper {
  #grant = "";
  /** @type {Promise<void> | null} */
  #renewal = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isKept = false;
  #failures = 0;
  #renew;

  /** @param {() => Promise<void>} renew calls take() with what it got */
  constructor(renew) {
    this.#renew = renew;
  }

  /** @param {string} address any address under the new grant @param {number} lifeLeftMs */
  take(address, lifeLeftMs) {
    this.#grant = grantOf(address) ?? "";
    this.#isKept = true;
    this.#failures = 0;
    this.#renewIn(Math.min(lifeLeftMs * RENEW_AT_SHARE, LONGEST_TIMER_MS));
  }

  /** @param {number} pauseMs */
  #renewIn(pauseMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.renewNow(), pauseMs);
  }

  /** The address to ask for now: waits for a renewal that is under way. @param {string} address @returns {Promise<string>} */
  async current(address) {
    await this.#renewal;
    return this.#grant ? underGrant(address, this.#grant) : address;
  }

  /** One renewal at a time, however many ask. @returns {Promise<void>} */
  renewNow() {
    this.#renewal ??= this.#tryToRenew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #tryToRenew() {
    this.#failures += 1; // until take() says otherwise
    await this.#renew().catch(() => {});
    if (this.#isKept && this.#failures > 0) this.#renewIn(backoffMs(this.#failures - 1, { mostMs: LONGEST_PAUSE_MS }));
  }

  stop() {
    this.#isKept = false;
    clearTimeout(this.#timer);
  }
}
