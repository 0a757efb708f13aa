import assert from "node:assert/strict";
import { test } from "node:test";

import { GrowingEnd, lengthen, sayLength } from "../../static/js/player/growing.js";
import { reasonToWait } from "../../static/js/player/waiting.js";

const source = (over) => ({ readyState: "open", duration: 4, sourceBuffers: [{ updating: false }], ...over });

test("what hls.js plays is made as long as the film", () => {
  const media = source({});
  assert.equal(lengthen(/** @type {any} */ (media), 180), true);
  assert.equal(media.duration, 180);
});

test("a length is never changed while a buffer works, nor once all is there, nor to less", () => {
  for (const over of [{ sourceBuffers: [{ updating: true }] }, { readyState: "ended" }]) {
    const media = source(over);
    assert.equal(lengthen(/** @type {any} */ (media), 180), false);
    assert.equal(media.duration, 4);
  }
  const longer = source({ duration: 181 });
  assert.equal(lengthen(/** @type {any} */ (longer), 180), true);
  assert.equal(longer.duration, 181);
  assert.equal(lengthen(null, 180), false);
});

class Video extends EventTarget {
  currentTime = 0;
  told = 0;
  constructor() {
    super();
    this.addEventListener("durationchange", () => (this.told += 1));
  }
  get duration() {
    return Infinity;
  }
}

test("where the browser plays by itself it is said how long the film is, until it knows", () => {
  const video = new Video();
  sayLength(/** @type {any} */ (video), null);
  assert.equal(video.told, 0);
  sayLength(/** @type {any} */ (video), 180);
  assert.equal(video.duration, 180);
  sayLength(/** @type {any} */ (video), null);
  assert.equal(video.duration, Infinity);
  assert.equal(video.told, 2);
});

test("a jump beyond what is made lands at its end, and says so; any other is left alone", () => {
  const video = new Video();
  const engine = { madeSeconds: /** @type {number | null} */ (8) };
  const said = /** @type {string[]} */ ([]);
  const saying = { say: (/** @type {{words: string}} */ { words }) => said.push(words) };
  new GrowingEnd(/** @type {any} */ (video), () => /** @type {any} */ (engine), /** @type {any} */ (saying), new AbortController().signal);
  const jump = (/** @type {number} */ seconds) => {
    video.currentTime = seconds;
    video.dispatchEvent(new Event("seeking"));
    return video.currentTime;
  };
  assert.equal(jump(5), 5);
  assert.equal(said.length, 0);
  assert.equal(jump(90), 7);
  assert.equal(said.length, 1);
  engine.madeSeconds = null;
  assert.equal(jump(90), 90);
});

test("at the end of what is made it is said whether it goes on", () => {
  const stuck = { phase: "ready", isLineLost: false, isOnline: true, readyState: 2, paused: false, seeking: false, ended: false };
  assert.equal(reasonToWait({ ...stuck, isAtGrowingEnd: true }), "growing");
  assert.equal(reasonToWait({ ...stuck, isAtGrowingEnd: true, isMakingPaused: true }), "paused");
  assert.equal(reasonToWait({ ...stuck, isMakingPaused: true }), "loading");
});
