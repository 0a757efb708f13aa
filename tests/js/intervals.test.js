import assert from "node:assert/strict";
import { test } from "node:test";

import { WatchedIntervals } from "../../static/js/analytics/intervals.js";

/** Plays from one position for some seconds, a step every quarter second. @param {WatchedIntervals} watched */
function play(watched, from, seconds, { startMs = 0, rate = 1 } = {}) {
  watched.playing(from, startMs);
  for (let step = 1; step <= seconds * 4; step += 1) watched.moved(from + (step / 4) * rate, startMs + step * 250, rate);
}

test("what is played is told once", () => {
  const watched = new WatchedIntervals();
  play(watched, 10, 5);
  assert.deepEqual(watched.take(), [[10, 15]]);
  assert.deepEqual(watched.take(), []);
});

test("play goes on where the last report ended", () => {
  const watched = new WatchedIntervals();
  play(watched, 0, 5);
  watched.take();
  for (let step = 1; step <= 8; step += 1) watched.moved(5 + step / 4, 5000 + step * 250, 1);
  assert.deepEqual(watched.take(), [[5, 7]]);
});

test("stopping ends a stretch and nothing of it is told twice", () => {
  const watched = new WatchedIntervals();
  play(watched, 0, 2);
  watched.stopped();
  assert.deepEqual(watched.take(), [[0, 2]]);
  watched.moved(50, 9000, 1);
  assert.deepEqual(watched.take(), []);
});

test("a jump that play cannot explain is no watching, whatever the events say", () => {
  const watched = new WatchedIntervals();
  play(watched, 0, 2);
  watched.moved(90, 2250, 1);
  watched.moved(90.25, 2500, 1);
  assert.deepEqual(watched.take(), [[0, 2], [90, 90.25]]);
});

test("going back while playing makes a second stretch", () => {
  const watched = new WatchedIntervals();
  play(watched, 20, 2);
  watched.moved(5, 2250, 1);
  watched.moved(5.25, 2500, 1);
  assert.deepEqual(watched.take(), [[20, 22], [5, 5.25]]);
});

test("double speed covers twice the film", () => {
  const watched = new WatchedIntervals();
  play(watched, 0, 5, { rate: 2 });
  assert.deepEqual(watched.take(), [[0, 10]]);
});

test("a film that sleeps with the laptop is not watched meanwhile", () => {
  const watched = new WatchedIntervals();
  play(watched, 0, 1);
  watched.moved(1.1, 3_600_000, 1);
  assert.deepEqual(watched.take(), [[0, 1.1]]);
});
