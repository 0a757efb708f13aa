import assert from "node:assert/strict";
import { test } from "node:test";

import { backoffMs } from "../../static/js/lib/backoff.js";

test("waits double until they reach the most", () => {
  const waits = [0, 1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(attempt, { firstMs: 500, mostMs: 8000, chance: () => 0 }));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test("chance takes off at most a quarter, so that a crowd does not knock together", () => {
  for (const chance of [0, 0.3, 0.999]) {
    const wait = backoffMs(3, { firstMs: 1000, mostMs: 8000, chance: () => chance });
    assert.ok(wait > 6000 && wait <= 8000, `${wait}`);
  }
});
