import assert from "node:assert/strict";
import { test } from "node:test";

import { sanePlaces, withPlace } from "../../static/js/player/places.js";

test("a place is kept once there is something to go back to", () => {
  assert.deepEqual(withPlace([], "a", 10, 600), []);
  assert.deepEqual(withPlace([], "a", 10.5, 600), [{ id: "a", seconds: 10.5 }]);
  assert.deepEqual(withPlace([], "a", 41.987654, 600), [{ id: "a", seconds: 41.99 }]);
});

test("a film that is over, or begun anew, has no place", () => {
  const kept = [{ id: "a", seconds: 300 }, { id: "b", seconds: 20 }];
  assert.deepEqual(withPlace(kept, "a", 571, 600), [{ id: "b", seconds: 20 }], "five per cent are left");
  assert.deepEqual(withPlace(kept, "a", 569, 600)[0], { id: "a", seconds: 569 });
  assert.deepEqual(withPlace(kept, "a", 7100, 7200), [{ id: "b", seconds: 20 }], "two minutes are left");
  assert.deepEqual(withPlace(kept, "a", 7000, 7200)[0], { id: "a", seconds: 7000 }, "five per cent would be six minutes");
  assert.deepEqual(withPlace(kept, "a", 0, 600), [{ id: "b", seconds: 20 }]);
});

test("the newest come first, each film once, and the oldest go", () => {
  let kept = withPlace([], "first", 30, 600);
  for (let number = 0; number < 49; number += 1) kept = withPlace(kept, `film${number}`, 30, 600);
  assert.equal(kept.length, 50);
  kept = withPlace(kept, "first", 60, 600);
  assert.equal(kept.length, 50);
  assert.deepEqual(kept[0], { id: "first", seconds: 60 });
  kept = withPlace(kept, "another", 30, 600);
  assert.equal(kept.length, 50);
  assert.ok(!kept.some((one) => one.id === "film0"));
});

test("what somebody else wrote there does no harm", () => {
  assert.deepEqual(sanePlaces(null), []);
  assert.deepEqual(sanePlaces({ a: 1 }), []);
  assert.deepEqual(sanePlaces([null, 3, { id: 1, seconds: 2 }, { id: "a", seconds: "x" }, { id: "b", seconds: -1 }, { id: "c", seconds: 12 }]), [
    { id: "c", seconds: 12 },
  ]);
});
