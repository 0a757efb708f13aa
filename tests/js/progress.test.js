import assert from "node:assert/strict";
import { test } from "node:test";

import { progressFigures, progressLine, stageWord } from "../../static/js/lib/progress.js";
import { interpolate } from "../../static/js/lib/words.js";

const progress = { state: "running", stage: "encoding", percent: 41.9, seconds_left: 74, queue_place: null, rungs: [], error: null };

test("running work says what it does, how far it is and how long it takes", () => {
  assert.equal(progressLine(progress), "Making every size");
  assert.equal(progressFigures(progress), "41 % · 1 minute left");
  assert.equal(progressFigures({ ...progress, seconds_left: null }), "41 %");
});

test("waiting work says its place, and no percent that does not move", () => {
  assert.equal(progressLine({ ...progress, state: "queued", queue_place: 1 }), "Next in the queue");
  assert.equal(progressLine({ ...progress, state: "queued", queue_place: 4 }), "Number 4 in the queue");
  assert.equal(progressLine({ ...progress, state: "queued" }), "Waiting for its turn");
  assert.equal(progressFigures({ ...progress, state: "queued" }), "");
});

test("work that waits for something says for what", () => {
  const waitsFor = { code: "waits_for_room", message: "There is too little space left on the server." };
  assert.equal(progressLine({ ...progress, state: "queued", queue_place: 1, waits_for: waitsFor }), waitsFor.message);
});

test("failed work says why in the server's words", () => {
  const error = { code: "not_a_video", message: "This file is neither a video nor sound." };
  assert.equal(progressLine({ ...progress, state: "failed", error }), error.message);
  assert.ok(progressLine({ ...progress, state: "failed" }));
});

test("a stage that is not known yet still has a word", () => {
  for (const stage of ["receiving", "probing", "poster", "encoding", "packaging", "publishing", "polishing"]) assert.ok(stageWord(stage));
});

test("texts are filled by name, and a name without a value stays visible", () => {
  assert.equal(interpolate("%(a)s of %(b)s", { a: 1, b: "2" }), "1 of 2");
  assert.equal(interpolate("%(a)s %(c)s", { a: 1 }), "1 %(c)s");
});
