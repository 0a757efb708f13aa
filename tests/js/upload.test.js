import assert from "node:assert/strict";
import { test } from "node:test";

import { UploadQueue } from "../../static/js/upload/queue.js";
import { SpeedMeter } from "../../static/js/upload/speed.js";
import { titleFromName } from "../../static/js/upload/title.js";

test("a title comes from the file's name without its ending and its joints", () => {
  assert.equal(titleFromName("my_holiday-film.final.mp4"), "My holiday film final");
  assert.equal(titleFromName("夏天 的 海.MOV"), "夏天 的 海");
  assert.equal(titleFromName("Spider-Man 2.0 trailer.mkv"), "Spider-Man 2.0 trailer");
  assert.equal(titleFromName("IMG_2041.MOV"), "IMG 2041");
  assert.equal(titleFromName("éte\u0301.webm"), "Été");
});

test("a name with nothing but an ending is kept as it is", () => {
  assert.equal(titleFromName(".mp4"), "Mp4");
  assert.equal(titleFromName("___"), "___");
});

test("a title is never longer than the catalogue takes, counted in letters and not in halves of them", () => {
  const title = titleFromName(`${"🎬".repeat(300)}.mp4`);
  assert.equal([...title].length, 200);
  assert.ok(title.isWellFormed?.() ?? true);
});

test("speed is told after a moment and follows the last seconds, not the whole way", () => {
  const meter = new SpeedMeter();
  meter.add(0, 0);
  meter.add(500, 1_000_000);
  assert.equal(meter.bytesPerSecond, null);
  for (let second = 1; second <= 20; second += 1) meter.add(second * 1000, second * 1_000_000);
  for (let second = 21; second <= 40; second += 1) meter.add(second * 1000, 20_000_000 + (second - 20) * 100_000);
  assert.ok(Math.abs((meter.bytesPerSecond ?? 0) - 100_000) < 1000);
  assert.ok(Math.abs((meter.secondsLeft(23_000_000) ?? 0) - 10) < 0.2);
});

test("nobody is told a time that would never come", () => {
  const meter = new SpeedMeter();
  meter.add(0, 500);
  meter.add(5000, 500);
  assert.equal(meter.secondsLeft(1000), null);
});

test("two films travel at once, the third follows, and one that waits can be taken back", async () => {
  const queue = new UploadQueue();
  /** @type {string[]} */
  const begun = [];
  /** @type {Record<string, () => void>} */
  const finish = {};
  const work = (/** @type {string} */ name) => () =>
    new Promise((/** @type {(value: void) => void} */ resolve) => {
      begun.push(name);
      finish[name] = resolve;
    });
  const first = queue.add(work("first"));
  queue.add(work("second"));
  queue.add(work("third"));
  const fourth = queue.add(work("fourth"));
  assert.deepEqual(begun, ["first", "second"]);
  assert.equal(first(), false);
  assert.equal(fourth(), true);
  finish.first?.();
  await new Promise(setImmediate);
  assert.deepEqual(begun, ["first", "second", "third"]);
  finish.second?.();
  finish.third?.();
  await new Promise(setImmediate);
  assert.deepEqual(begun, ["first", "second", "third"]);
});
