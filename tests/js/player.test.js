import assert from "node:assert/strict";
import { test } from "node:test";

import { commandFor } from "../../static/js/player/keys.js";
import { refusal } from "../../static/js/player/message.js";
import { rungFor, sane } from "../../static/js/player/remembered.js";
import { VideoRenditions } from "../../static/js/player/renditions.js";
import { nextSpeed } from "../../static/js/player/requests.js";
import { TapRow } from "../../static/js/player/taps.js";
import { reasonToWait } from "../../static/js/player/waiting.js";

const page = { hasModifier: false, isInPlayer: false, isOnControl: false, isTyping: false };
const pressed = (key, where = {}) => commandFor({ key, ...page, ...where });

test("the letters of the player work wherever the focus is", () => {
  assert.equal(pressed("k"), "toggle");
  assert.equal(pressed("K"), "toggle");
  assert.equal(pressed(" "), "toggle");
  assert.equal(pressed("j"), "back");
  assert.equal(pressed("l"), "forward");
  assert.equal(pressed("ArrowRight"), "forward-short");
  assert.equal(pressed(">"), "faster");
  assert.equal(pressed("?"), "keys");
  assert.equal(pressed("7"), "part-7");
  assert.equal(pressed("x"), null);
});

test("somebody who types, or uses the browser's own keys, is left alone", () => {
  assert.equal(pressed("k", { isTyping: true }), null);
  assert.equal(pressed("f", { hasModifier: true }), null);
  assert.equal(pressed(" ", { isOnControl: true }), null);
  assert.equal(pressed("ArrowLeft", { isOnControl: true }), null);
});

test("keys that scroll the page belong to the player only while it has the focus", () => {
  assert.equal(pressed("ArrowUp"), null);
  assert.equal(pressed("Home"), null);
  assert.equal(pressed("ArrowUp", { isInPlayer: true }), "louder");
  assert.equal(pressed("End", { isInPlayer: true }), "end");
});

test("speeds go step by step and stop at their ends", () => {
  assert.equal(nextSpeed(1, 1), 1.25);
  assert.equal(nextSpeed(1, -1), 0.75);
  assert.equal(nextSpeed(2, 1), 2);
  assert.equal(nextSpeed(0.25, -1), 0.25);
  assert.equal(nextSpeed(1.1, 1), 1.25);
});

test("the second tap on a side steps, every further one too, and the middle never does", () => {
  const row = new TapRow();
  assert.deepEqual([row.tap(0, 0.9), row.tap(200, 0.9), row.tap(400, 0.9)], [0, 1, 1]);
  assert.deepEqual([row.tap(5000, 0.1), row.tap(5200, 0.1)], [0, -1]);
  assert.deepEqual([row.tap(9000, 0.5), row.tap(9100, 0.5)], [0, 0]);
  assert.deepEqual([row.tap(12_000, 0.1), row.tap(12_900, 0.1)], [0, 0]);
});

const still = { phase: "ready", isLineLost: false, isOnline: true, readyState: 4, paused: true, seeking: false, ended: false };

test("a film that stands because somebody paused it is not waiting", () => {
  assert.equal(reasonToWait(still), null);
  assert.equal(reasonToWait({ ...still, paused: false }), null);
  assert.equal(reasonToWait({ ...still, readyState: 2 }), null);
  assert.equal(reasonToWait({ ...still, readyState: 2, paused: false, ended: true }), null);
});

test("waiting names its reason", () => {
  assert.equal(reasonToWait({ ...still, phase: "asking", readyState: 0 }), "connecting");
  assert.equal(reasonToWait({ ...still, paused: false, readyState: 2 }), "loading");
  assert.equal(reasonToWait({ ...still, seeking: true, readyState: 1 }), "loading");
  assert.equal(reasonToWait({ ...still, paused: false, readyState: 2, isAtGrowingEnd: true }), "growing");
  assert.equal(reasonToWait({ ...still, paused: false, isAtGrowingEnd: true }), null);
  assert.equal(reasonToWait({ ...still, paused: false, readyState: 2, isLineLost: true }), "line");
  assert.equal(reasonToWait({ ...still, paused: false, readyState: 2, isOnline: false }), "line");
});

test("a lost line is no matter while there is film left to play", () => {
  assert.equal(reasonToWait({ ...still, paused: false, isLineLost: true, isOnline: false }), null);
});

test("a film with a message over it does not wait as well", () => {
  for (const phase of ["making", "refused", "broken"]) assert.equal(reasonToWait({ ...still, phase, readyState: 0 }), null);
});

test("every refusal has words, known or not", () => {
  for (const code of ["rejected", "failed", "withdrawn", "not_found", "something_new"]) {
    const { title, words } = refusal(code, "Because.");
    assert.ok(title && words, code);
  }
});

test("a remembered quality picks the best rung that is not larger, upright films by their short side", () => {
  const rungs = [
    { width: 640, height: 360, bitrate: 1 },
    { width: 1280, height: 720, bitrate: 2 },
    { width: 1920, height: 1080, bitrate: 3 },
  ];
  assert.equal(rungFor(rungs, 720), 1);
  assert.equal(rungFor(rungs, 900), 1);
  assert.equal(rungFor(rungs, 144), 0);
  assert.equal(rungFor(rungs, null), -1);
  assert.equal(rungFor([], 720), -1);
  assert.equal(rungFor([{ width: 720, height: 1280, bitrate: 2 }, { width: 360, height: 640, bitrate: 1 }], 480), 1);
});

test("nonsense in the store becomes the first choice", () => {
  const first = { volume: 1, muted: false, speed: 1, quality: null, sound: null, soundTitle: "", isEven: true, captions: null, captionsLabel: "" };
  assert.deepEqual(sane(null), first);
  assert.deepEqual(sane({ volume: 7, muted: "yes", speed: -1, quality: "high", captions: 4 }), first);
  assert.deepEqual(sane({ ...first, volume: 0.3, quality: 480 }), { ...first, volume: 0.3, quality: 480 });
});

test("the quality list shows what the engine made of a wish, not the wish", () => {
  const wishes = [];
  const list = new VideoRenditions((index) => wishes.push(index));
  let changes = 0;
  list.addEventListener("change", () => (changes += 1));
  list.fill([
    { width: 640, height: 360, bitrate: 1 },
    { width: 1280, height: 720, bitrate: 2 },
  ]);
  list.selectedIndex = 1;
  assert.deepEqual(wishes, [1]);
  assert.equal(list.selectedIndex, -1);
  list.observed(1);
  assert.equal(list.selectedIndex, 1);
  assert.equal(changes, 1);
  assert.deepEqual([...list].map((one) => one.id), ["0", "1"]);
  assert.equal(list[1].height, 720);
});
