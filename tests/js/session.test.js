import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { PlaySession } from "../../static/js/player/session.js";
import { isBuffered, playedSeconds } from "../../static/js/player/ranges.js";

globalThis.addEventListener ??= () => {}; // of the line, which listens to the network

/** An hls.js that does nothing; what it is given it keeps in `globalThis.engines`. */
const HLS = `data:text/javascript,${encodeURIComponent(`
  const names = ["MANIFEST_PARSED", "LEVEL_SWITCHED", "FRAG_LOADED", "ERROR"];
  export default class Hls {
    static Events = Object.fromEntries(names.map((name) => [name, name]));
    static ErrorTypes = { NETWORK_ERROR: "network", MEDIA_ERROR: "media" };
    static isSupported = () => true;
    levels = [];
    heard = {};
    constructor(config) { this.config = config; globalThis.engines.push(this); }
    attachMedia() {}
    on(name, hear) { this.heard[name] = hear; }
    loadSource(source) { this.source = source; }
    destroy() { this.isClosed = true; }
  }
`)}`;

const PLAYBACK = {
  hls: "/media/grant/item/v1/master.m3u8", version: 1, words_revision: 0, sounds: [], mp4: [], captions: [], chapters: [],
  is_growing: false, position_seconds: 0, expires_at: "2026-11-21T12:00:00Z",
}; // prettier-ignore
const DATE = { Date: "Sat, 21 Nov 2026 11:00:00 GMT" };

/** @type {((response: Response) => void)[]} the questions that wait for an answer */
let asked;
const { fetch } = globalThis;

beforeEach(() => {
  asked = [];
  globalThis.engines = [];
  globalThis.MediaSource = class {};
  globalThis.fetch = () => new Promise((resolve) => asked.push(resolve));
});
afterEach(() => {
  globalThis.fetch = fetch;
  delete globalThis.MediaSource;
});

const settled = async () => {
  for (let round = 0; round < 10; round += 1) await new Promise(setImmediate);
};
const answer = (changes = {}) => asked.shift()?.(Response.json({ ...PLAYBACK, ...changes }, { headers: DATE }));

function ranges(...pairs) {
  return { length: pairs.length, start: (index) => pairs[index][0], end: (index) => pairs[index][1] };
}

function playing() {
  const video = Object.assign(new EventTarget(), { currentTime: 0, paused: true, played: ranges(), play: async () => {} });
  const phases = [];
  const nothing = () => {};
  const session = new PlaySession({
    video, playbackUrl: "/api/videos/item/playback/", hlsUrls: { light: HLS, whole: HLS }, report: ({ phase }) => phases.push(phase),
    rungsChanged: nothing, soundsChanged: nothing, wordsChanged: nothing, lineChanged: nothing,
  }); // prettier-ignore
  return { video, phases, session };
}

const open = () => globalThis.engines.filter((engine) => !engine.isClosed);
const refuse = () => open()[0].heard.ERROR("", { fatal: true, type: "network", response: { code: 404 } });

test("of two openings at once one engine is left, whichever was answered first", async () => {
  for (const order of [[0, 1], [1, 0]]) {
    globalThis.engines = [];
    const { session } = playing();
    void session.begin({ startSeconds: 1 });
    void session.begin({ startSeconds: 2 });
    const questions = asked.splice(0);
    for (const place of order) {
      questions[place]?.(Response.json(PLAYBACK, { headers: DATE }));
      await settled();
    }
    assert.deepEqual(open().map((engine) => engine.config.startPosition), [2]);
    assert.equal(session.engine !== null, true);
    session.end();
    assert.deepEqual(open(), []);
  }
});

test("an opening that is overtaken while the engine's code comes leaves nothing behind", async () => {
  const { session } = playing();
  void session.begin({ startSeconds: 1 });
  answer();
  void session.begin({ startSeconds: 2 });
  answer();
  await settled();
  assert.deepEqual(open().map((engine) => engine.config.startPosition), [2]);
  session.end();
});

test("a player that is taken away opens nothing any more", async () => {
  const { session, phases } = playing();
  void session.begin();
  session.end();
  answer();
  await settled();
  assert.deepEqual([globalThis.engines, phases], [[], ["asking"]]);
});

test("a film that is refused again and again breaks off; whoever tries again has all tries", async () => {
  const { session, phases } = playing();
  void session.begin();
  for (let time = 0; time < 4; time += 1) {
    answer();
    await settled();
    refuse();
  }
  assert.equal(phases.at(-1), "broken");
  void session.again();
  for (let time = 0; time < 3; time += 1) {
    answer();
    await settled();
    refuse();
    assert.equal(phases.at(-1), "asking");
  }
  session.end();
});

test("a film that has played in between is opened as often as it takes", async () => {
  const { session, phases, video } = playing();
  void session.begin();
  for (let time = 0; time < 6; time += 1) {
    answer();
    await settled();
    video.played = ranges([0, 3], [60, 63]);
    refuse();
    assert.equal(phases.at(-1), "asking");
  }
  session.end();
});

test("what was jumped over has not been seen, and what is buffered ends before its end", () => {
  assert.equal(playedSeconds({ played: ranges([0, 2], [10, 11.5]) }), 3.5);
  const buffered = ranges([0, 2], [10, 12]);
  assert.deepEqual([0, 2, 5, 11].map((currentTime) => isBuffered({ buffered, currentTime })), [true, false, false, true]);
});
