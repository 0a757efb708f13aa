import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesText, clockText, timeLeftText } from "../../static/js/lib/clock.js";

test("times grow an hour only when they need one", () => {
  assert.equal(clockText(0), "0:00");
  assert.equal(clockText(59.6), "0:59");
  assert.equal(clockText(149.999999), "2:30");
  assert.equal(clockText(149.98), "2:29");
  assert.equal(clockText(19.6), "0:19");
  assert.equal(clockText(754), "12:34");
  assert.equal(clockText(6130), "1:42:10");
  assert.equal(clockText(-3), "0:00");
  assert.equal(clockText(Number.NaN), "–:––");
});

test("an estimate is told no finer than it is", () => {
  assert.equal(timeLeftText(3), "a few seconds left");
  assert.equal(timeLeftText(21), "25 seconds left");
  assert.equal(timeLeftText(56), "1 minute left");
  assert.equal(timeLeftText(610), "10 minutes left");
  assert.equal(timeLeftText(3 * 3600 + 100), "3 hours left");
});

test("sizes keep three figures and never read 1000 of a smaller unit", () => {
  assert.equal(bytesText(0), "0 B");
  assert.equal(bytesText(999), "999 B");
  assert.equal(bytesText(999_499), "999 kB");
  assert.equal(bytesText(999_600), "1.00 MB");
  assert.equal(bytesText(8_717_636), "8.72 MB");
  assert.equal(bytesText(15_230_000_000), "15.2 GB");
  assert.equal(bytesText(734_000_000), "734 MB");
});
