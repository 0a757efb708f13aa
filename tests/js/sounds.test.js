import assert from "node:assert/strict";
import { test } from "node:test";

import { factorOf } from "../../static/js/player/evenness.js";
import { sane } from "../../static/js/player/remembered.js";
import { soundFor, soundNames } from "../../static/js/player/sounds-choice.js";
import { SoundList } from "../../static/js/player/sounds.js";

const sound = (label, language, title = "", is_default = false) => ({ label, language, title, is_default, loudness: null });
const FILM = [sound("sound-1", "zh", "国语", true), sound("sound-2", "en"), sound("sound-3", "en", "Commentary"), sound("sound-4", "zh", "粤语")];

test("tracks are called by language and title, each another", () => {
  assert.deepEqual(soundNames(FILM, "en"), ["Chinese (国语)", "English", "English (Commentary)", "Chinese (粤语)"]);
  assert.deepEqual(soundNames(FILM, "zh-hans").slice(0, 2), ["中文 (国语)", "英语"]);
  assert.equal(new Set(soundNames([sound("a", ""), sound("b", "")], "en")).size, 2);
});

test("without a wish the film's own default is heard", () => {
  assert.equal(soundFor(FILM, { language: null, title: "" }), 0);
  assert.equal(soundFor([sound("a", "en"), sound("b", "de")], { language: null, title: "" }), 0);
  assert.equal(soundFor([], { language: "en", title: "" }), 0);
});

test("a wish is for a language and a title, then for the language, then for a kindred one", () => {
  assert.equal(soundFor(FILM, { language: "zh", title: "粤语" }), 3);
  assert.equal(soundFor(FILM, { language: "en", title: "Director" }), 1);
  assert.equal(soundFor(FILM, { language: "en-GB", title: "" }), 1);
  assert.equal(soundFor(FILM, { language: "zh", title: "" }), 0);
  assert.equal(soundFor(FILM, { language: "fr", title: "" }), 0);
});

test("the list asks for what is chosen, and tells what is heard", () => {
  const asked = [];
  const list = new SoundList((place) => asked.push(place));
  let changes = 0;
  list.addEventListener("change", () => (changes += 1));
  list.fill(FILM, "en");
  assert.deepEqual([...list].map(({ id, label }) => `${id} ${label}`).slice(0, 2), ["0 Chinese (国语)", "1 English"]);
  list.observed(0);
  for (const entry of list) entry.enabled = entry.id === "2"; // as media-chrome does it
  assert.deepEqual(asked, [2]);
  assert.equal([...list].findIndex((entry) => entry.enabled), 0, "a request is not yet a fact");
  list.observed(2);
  list.observed(2);
  assert.deepEqual([...list].map((entry) => entry.enabled), [false, false, true, false]);
  assert.equal(changes, 2);
});

test("one track is nothing to choose from", () => {
  const list = new SoundList(() => {});
  list.fill(FILM.slice(0, 1));
  assert.equal(list.length, 0);
});

test("what is kept of sound is checked like everything else", () => {
  assert.equal(sane({}).isEven, true);
  assert.equal(sane({ isEven: false }).isEven, false);
  assert.equal(sane({ isEven: 0 }).isEven, true);
  assert.deepEqual([sane({ sound: "en", soundTitle: "x" }).sound, sane({ sound: 3 }).sound, sane({ soundTitle: 3 }).soundTitle], ["en", null, ""]);
});

test("decibels are factors of what is heard", () => {
  assert.equal(factorOf(0), 1);
  assert.ok(Math.abs(factorOf(-6.02) - 0.5) < 1e-3);
});
