/** How long to wait before the next try. Pure. */

/**
 * Doubles from `firstMs` up to `mostMs`; up to a quarter is taken off by chance, so that a crowd does not knock together.
 * @param {number} attempt 0 for the first wait
 * @param {{firstMs?: number, mostMs?: number, chance?: () => number}} [options]
 * @returns {number} milliseconds
 */
export function backoffMs(attempt, { firstMs = 1000, mostMs = 15_000, chance = Math.random } = {}) {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(full * (1 - chance() / 4));
}
