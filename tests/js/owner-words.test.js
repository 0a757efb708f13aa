import assert from "node:assert/strict";
import { test } from "node:test";

import { checked, exactTime, secondsOf } from "../../static/js/owner/chapter-rows.js";
import { languageOf } from "../../static/js/owner/languages.js";

test("times are read as people write them", () => {
  assert.deepEqual(["83", "1:23", " 0:05 ", "1:02:03.5", "1:23,25"].map(secondsOf), [83, 83, 5, 3723.5, 83.25]);
  assert.deepEqual(["", "x", "1:60", "1:2:3:4", "-1", "1:", "1::2", "99:99:00"].map(secondsOf), Array(8).fill(null));
});

test("times are written so that they read as what they were", () => {
  assert.deepEqual([0, 83, 3723.5, 59.9996, 1.05].map(exactTime), ["0:00", "1:23", "1:02:03.5", "1:00", "0:01.05"]);
  for (const seconds of [0.001, 12.34, 3599.999, 86_399]) assert.equal(secondsOf(exactTime(seconds)), seconds);
});

test("chapters are put in order, and a row that makes no sense says why", () => {
  const { chapters, faults } = checked([{ time: "0:20", title: " Sun " }, { time: "0:00", title: "" }], 60);
  assert.deepEqual(faults, ["", ""]);
  assert.deepEqual(chapters, [{ start_seconds: 0, title: "" }, { start_seconds: 20, title: "Sun" }]);
  const wrong = checked([{ time: "soon", title: "" }, { time: "1:00", title: "" }, { time: "5", title: "" }, { time: "0:05", title: "" }], 60);
  assert.deepEqual(wrong.faults, ["Write a time such as 1:23.", "The film ends before that.", "", "Another chapter begins there."]);
  assert.deepEqual(checked([{ time: "9:59:59", title: "" }], null).faults, [""]);
});

test("a file's name tells its language, the last word first", () => {
  assert.deepEqual(
    ["film.en.srt", "Film (German).ass", "film.zh-Hans.vtt", "film_chs.srt", "影片.简体.srt", "de.profundis.eng.srt", "film.srt"].map(languageOf),
    ["en", "de", "zh-Hans", "zh-Hans", "zh-Hans", "en", null],
  );
});
