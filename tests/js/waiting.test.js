import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { PATIENCE_MS, WaitingSign } from "../../static/js/player/waiting.js";

/** A sign over a video that waits for bytes, on a clock that the test moves. */
function waitingSign() {
  globalThis.addEventListener ??= () => {};
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true }); // older node has none
  const words = { textContent: "" };
  const sign = { hidden: true, querySelector: () => words };
  const video = Object.assign(new EventTarget(), { readyState: 2, paused: false, seeking: true, ended: false });
  new WaitingSign(/** @type {any} */ (sign), /** @type {any} */ (video), () => ({ phase: "ready", isLineLost: false }));
  return { sign, words, video };
}

test("the spinner comes after 300 ms, with a word", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { sign, words, video } = waitingSign();
  video.dispatchEvent(new Event("seeking"));
  mock.timers.tick(PATIENCE_MS - 1);
  assert.equal(PATIENCE_MS, 300);
  assert.equal(sign.hidden, true);
  mock.timers.tick(1);
  assert.equal(sign.hidden, false);
  assert.notEqual(words.textContent, "");
  mock.timers.reset();
});

test("a short wait shows nothing, and the next one has its own 300 ms", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { sign, video } = waitingSign();
  video.dispatchEvent(new Event("seeking"));
  mock.timers.tick(200);
  Object.assign(video, { readyState: 4, seeking: false });
  video.dispatchEvent(new Event("seeked"));
  mock.timers.tick(200);
  assert.equal(sign.hidden, true);
  Object.assign(video, { readyState: 2 });
  video.dispatchEvent(new Event("waiting"));
  mock.timers.tick(200);
  assert.equal(sign.hidden, true);
  mock.timers.tick(100);
  assert.equal(sign.hidden, false);
  mock.timers.reset();
});
