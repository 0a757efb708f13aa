import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.HTMLElement ??= class {};
globalThis.customElements ??= { define() {} };

const { commandsFor, refusalText } = await import("../../static/js/lib/job-buttons.js");
const { factsOf, tookText } = await import("../../static/js/owner/account.js");
const { Problem } = await import("../../static/js/lib/http.js");

test("each state has the buttons that the server would take", () => {
  const commands = (state, may_help = true) => commandsFor({ id: "a", state, may_help, is_needed: false });
  assert.deepEqual(commands("running"), ["pause", "cancel"]);
  assert.deepEqual(commands("queued", false), ["pause", "cancel"]);
  assert.deepEqual(commands("paused"), ["resume", "cancel"]);
  assert.deepEqual(commands("failed"), ["retry"]);
  assert.deepEqual(commands("cancelled"), ["retry"]);
  assert.deepEqual(commands("done"), []);
  assert.deepEqual(commandsFor(null), []);
});

test("what can never work is not offered again", () => {
  assert.deepEqual(commandsFor({ id: "a", state: "failed", may_help: false, is_needed: true }), []);
});

test("a refusal is told in the server's words, a lost line in ours", () => {
  assert.equal(refusalText(new Problem(409, { detail: "Too late." })), "Too late.");
  assert.equal(refusalText(new TypeError("fetch failed")), "The line is lost. Please try again.");
  assert.throws(() => refusalText(new RangeError("a mistake of ours")), RangeError);
});

test("a step says how it stands, how long it took and how often it was tried", () => {
  const step = { name: "part", title: "", state: "done", is_optional: false, attempts: 2, percent: 100, seconds: 4.21, log: [] };
  assert.equal(factsOf(step), "done · 4.2 s · 2 attempts");
  assert.equal(factsOf({ ...step, state: "running", attempts: 1, percent: 41.9, seconds: null }), "at work · 41 %");
  assert.equal(factsOf({ ...step, state: "failed", is_optional: true, attempts: 1 }), "left out");
});

test("times are as exact as they are long", () => {
  assert.deepEqual([0.04, 9.96, 51.6, 187].map(tookText), ["0.0 s", "10.0 s", "52 s", "3:07"]);
});
