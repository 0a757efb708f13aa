import assert from "node:assert/strict";
import { test } from "node:test";

import { BeatQueue } from "../../static/js/analytics/beats.js";

const NOW = Date.parse("2026-11-21T12:00:00Z");

function store(first = {}) {
  const rows = new Map(Object.entries(first));
  return {
    getItem: (key) => rows.get(key) ?? null,
    setItem: (key, value) => void rows.set(key, value),
    removeItem: (key) => void rows.delete(key),
    rows,
  };
}

const beat = (seq, sentAt = "2026-11-21T11:59:00Z") => ({
  session: "s", seq, sent_at: sentAt, position_seconds: 5, rate: 1, rung: "720p", intervals: [[0, 5]], stalls: 0, stall_seconds: 0,
});

test("beats go out in their order and are forgotten when they have arrived", async () => {
  const sent = [];
  const kept = store();
  const queue = new BeatQueue({ store: kept, nowMs: NOW, send: async (one) => (sent.push(one.seq), 200) });
  for (const seq of [0, 1, 2]) queue.add(beat(seq));
  await queue.flush();
  assert.deepEqual(sent, [0, 1, 2]);
  assert.equal(kept.rows.size, 0);
});

test("without a line they stay, and a later page sends them", async () => {
  const kept = store();
  const offline = new BeatQueue({ store: kept, nowMs: NOW, send: () => Promise.reject(new TypeError("offline")) });
  offline.add(beat(0));
  offline.add(beat(1));
  await offline.flush();
  assert.equal(offline.length, 2);
  const sent = [];
  const later = new BeatQueue({ store: kept, nowMs: NOW, send: async (one) => (sent.push(one.seq), 200) });
  await later.flush();
  assert.deepEqual(sent, [0, 1]);
});

test("a server that is busy gets them again, one that refuses does not", async () => {
  let status = 503;
  const queue = new BeatQueue({ store: store(), nowMs: NOW, send: async () => status });
  queue.add(beat(0));
  await queue.flush();
  assert.equal(queue.length, 1);
  status = 410;
  await queue.flush();
  assert.equal(queue.length, 0);
});

test("two flushes at once send nothing twice", async () => {
  const sent = [];
  const queue = new BeatQueue({
    store: store(),
    nowMs: NOW,
    send: async (one) => {
      sent.push(one.seq);
      await new Promise(setImmediate);
      return 200;
    },
  });
  queue.add(beat(0));
  await Promise.all([queue.flush(), queue.flush()]);
  assert.deepEqual(sent, [0]);
});

test("what nobody will credit any more is dropped, and a spoilt store is an empty one", () => {
  const old = store({ "matinee.beats": JSON.stringify([beat(0, "2026-11-19T12:00:00Z"), beat(1)]) });
  assert.equal(new BeatQueue({ store: old, nowMs: NOW, send: async () => 200 }).length, 1);
  assert.equal(new BeatQueue({ store: store({ "matinee.beats": "{oops" }), nowMs: NOW, send: async () => 200 }).length, 0);
});

test("a page that goes hands over what the browser takes", () => {
  const queue = new BeatQueue({ store: store(), nowMs: NOW, send: async () => 200 });
  for (const seq of [0, 1]) queue.add(beat(seq));
  queue.hurry((one) => one.seq === 0);
  assert.equal(queue.length, 1);
});
