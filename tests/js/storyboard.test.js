import assert from "node:assert/strict";
import test from "node:test";

import { spread, tilesOf } from "../../static/js/lib/storyboard.js";

const LIST = `WEBVTT

00:00:00.000 --> 00:00:02.000
ab-1.jpg#xywh=0,0,160,90

00:00:02.000 --> 01:02:03.500
ab-1.jpg#xywh=160,0,160,90

01:02:03.500 --> 01:02:05.000
ab-2.jpg#xywh=0,90,90,160
`;

test("each cue is a place on a sheet beside the list", () => {
  const tiles = tilesOf(LIST, "https://example.org/media/grant/item/art/ab.vtt");
  assert.deepEqual(tiles[1], {
    seconds: 2, sheet: "https://example.org/media/grant/item/art/ab-1.jpg", x: 160, y: 0, width: 160, height: 90,
  });
  assert.deepEqual(tiles.map(({ seconds }) => seconds), [0, 2, 3723.5]);
  assert.equal(tiles[2]?.height, 160);
  assert.deepEqual(tilesOf(LIST.replaceAll("\n", "\r\n"), "https://example.org/a/ab.vtt").length, 3);
});

test("what is no list has no pictures", () => {
  assert.deepEqual(tilesOf("<!doctype html>", "https://example.org/"), []);
  assert.deepEqual(tilesOf("WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n", "https://example.org/"), []);
});

test("a choice of many is spread over all of them", () => {
  const all = Array.from({ length: 300 }, (_, index) => index);
  assert.deepEqual(spread(all, 4), [0, 75, 150, 225]);
  assert.deepEqual(spread([1, 2], 4), [1, 2]);
  assert.deepEqual(spread([], 4), []);
});
