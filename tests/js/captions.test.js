import assert from "node:assert/strict";
import { test } from "node:test";

import { isSameLanguage, languageName } from "../../static/js/lib/languages.js";
import { firstChoice, forcedFor, namesOf, wished } from "../../static/js/player/captions-choice.js";
import { playing, titlesOf } from "../../static/js/player/chapters.js";

const one = (language, label = "", more = {}) => ({ language, label, url: `/${language}${label}.vtt`, is_default: false, is_forced: false, ...more });
const english = one("en");
const deaf = one("en", "SDH");
const chinese = one("zh-Hans");
const german = one("de", "", { is_default: true });
const signs = one("de", "", { is_forced: true });
const all = [english, deaf, chinese, german, signs];
const nothing = { language: null, label: "" };

test("languages are named in the reader's own", () => {
  assert.equal(languageName("de", "en"), "German");
  assert.equal(languageName("fr", "fr"), "Français");
  assert.equal(languageName("und", "en"), "Unknown language");
  assert.equal(languageName("not a tag", "en"), "not a tag");
  assert.ok(isSameLanguage("en", "en-GB"));
  assert.ok(!isSameLanguage("und", "und"));
});

test("every caption has a name of its own", () => {
  const names = namesOf([english, deaf, one("en", "SDH"), one("und", "Fan's own"), one("de", "German for children")], "en");
  assert.deepEqual(names, ["English", "English (SDH)", "English (SDH) 2", "Fan's own", "German for children"]);
});

test("who has chosen nothing sees the default, who has chosen off sees none", () => {
  assert.equal(wished(all, nothing), german);
  assert.equal(wished([english, chinese], nothing), null);
  assert.equal(wished(all, { language: "", label: "" }), null);
});

test("a chosen language is found again by its label, then by itself, then by its relatives", () => {
  assert.equal(wished(all, { language: "en", label: "SDH" }), deaf);
  assert.equal(wished(all, { language: "en", label: "other" }), english);
  assert.equal(wished(all, { language: "en-GB", label: "" }), english);
  assert.equal(wished(all, { language: "fr", label: "" }), null);
});

test("switching on takes those of last time, the owner's, or what the viewer reads", () => {
  assert.equal(firstChoice(all, { language: "zh-Hans", label: "" }, ["en"]), chinese);
  assert.equal(firstChoice(all, nothing, ["en"]), german);
  assert.equal(firstChoice([deaf, chinese], nothing, ["fr", "zh-TW"]), chinese);
  assert.equal(firstChoice([deaf, chinese], nothing, ["fr"]), deaf);
  assert.equal(firstChoice([signs], nothing, ["de"]), null);
});

test("forced words are for those who hear the film in their language", () => {
  assert.equal(forcedFor(all, "de", ["en"]), signs);
  assert.equal(forcedFor(all, "en", ["de"]), null);
  assert.equal(forcedFor(all, "", ["de-AT"]), signs);
  const two = [signs, one("fr", "", { is_forced: true })];
  assert.equal(forcedFor(two, "", ["en"]), null);
  assert.equal(forcedFor([signs], "", ["en"]), signs);
  const unnamed = one("und", "", { is_forced: true });
  assert.equal(forcedFor([unnamed], "en", ["en"]), unnamed);
  assert.equal(forcedFor([], "", ["en"]), null);
});

test("chapters without a title are counted, and the one that plays is known", () => {
  const chapters = [
    { start_seconds: 5, title: "Rain" },
    { start_seconds: 20, title: "" },
  ];
  assert.deepEqual(titlesOf(chapters), ["Rain", "Chapter 2"]);
  assert.deepEqual([4.9, 5, 19, 20, 900].map((seconds) => playing(chapters, seconds)), [-1, 0, 0, 1, 1]);
});
