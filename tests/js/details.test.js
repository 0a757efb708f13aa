import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

globalThis.HTMLElement ??= class {};
globalThis.document ??= { querySelector: () => null };

const { FilmDetails, faultOf, stricter } = await import("../../static/js/upload/details.js");

const UPLOAD = "/api/uploads/abc/";
const FILM = "/api/videos/film/";
const DEFAULTS = { title: "Rain", description: "", category: "", visibility: "public" };

class Field extends EventTarget {
  value = "";
  attributes = new Map();

  constructor(name) {
    super();
    this.name = name;
  }

  setAttribute(name, value) {
    this.attributes.set(name, value);
  }

  removeAttribute(name) {
    this.attributes.delete(name);
  }

  /** As a person does. */
  choose(value) {
    this.value = value;
    for (const moment of ["input", "change"]) this.dispatchEvent(new Event(moment));
  }
}

/** A server with the words of an upload or a film at each address; `refuse` answers instead of it. */
class Site {
  words = new Map([[UPLOAD, { ...DEFAULTS }]]);
  asked = [];
  refuse = () => null;

  async answer(address, { method = "GET", body } = {}) {
    const sent = body ? JSON.parse(body) : null;
    this.asked.push({ method, address, sent });
    const refusal = this.refuse(address, method, sent);
    if (refusal) return refusal;
    if (sent) this.words.set(address, { ...this.words.get(address), ...sent });
    return Response.json(this.words.get(address));
  }

  get written() {
    return this.asked.filter(({ method }) => method === "PATCH").map(({ address, sent }) => [address, sent]);
  }
}

const { fetch } = globalThis;
/** @type {Site} */
let site;

beforeEach(() => {
  site = new Site();
  globalThis.fetch = (address, init) => site.answer(address, init);
});
afterEach(() => (globalThis.fetch = fetch));

const settled = async () => {
  for (let round = 0; round < 5; round += 1) await new Promise(setImmediate);
};

function row(defaults = DEFAULTS) {
  const fields = ["title", "description", "category", "visibility"].map((name) => new Field(name));
  const told = { textContent: "" };
  const details = new FilmDetails({ querySelectorAll: () => fields, querySelector: () => null }, told);
  details.fill(defaults);
  return { details, told, ...Object.fromEntries(fields.map((field) => [field.name, field])) };
}

test("a title is missed when nothing but blanks is left of it; other fields may be empty", () => {
  assert.equal(faultOf({ name: "title", value: "Rain" }), "");
  assert.equal(faultOf({ name: "title", value: "  " }), "A film needs a title.");
  assert.equal(faultOf({ name: "description", value: "" }), "");
});

test("of two answers to who may see a film the stricter one is found, whoever says it", () => {
  const pairs = [["public", "private"], ["private", "unlisted"], ["unlisted", "public"], ["public", "public"]];
  assert.deepEqual(pairs.map(([one, other]) => stricter(one, other)), ["private", "private", "unlisted", "public"]);
});

test("what is chosen before there is an upload goes with it, and is not sent twice", async () => {
  const { details, visibility } = row();
  visibility.choose("private");
  details.travels(UPLOAD, details.values);
  details.arrived("film");
  await settled();
  assert.deepEqual(site.asked, []);
});

test("what is chosen while the film travels is saved with the upload, at once and only once", async () => {
  const { details, told, title, category, visibility } = row();
  details.travels(UPLOAD, details.values);
  visibility.choose("private");
  await settled();
  assert.deepEqual(site.written, [[UPLOAD, { visibility: "private" }]]);
  assert.equal(told.textContent, "Saved");
  category.choose("sea");
  category.choose("");
  title.choose("Snow");
  await settled();
  details.travels(UPLOAD, { ...DEFAULTS }); // the line broke and is back
  details.arrived("film");
  await settled();
  assert.deepEqual(site.words.get(UPLOAD), { ...DEFAULTS, title: "Snow", visibility: "private" });
  assert.equal(site.words.has(FILM), false);
});

test("what changed between the first byte and the upload's address is saved there", async () => {
  const { details, visibility } = row();
  const sent = details.values;
  visibility.choose("private");
  details.travels(UPLOAD, sent);
  await settled();
  assert.deepEqual(site.written, [[UPLOAD, { visibility: "private" }]]);
});

test("an upload that goes on fills what nobody has touched, and what somebody chose here is saved", async () => {
  site.words.set(UPLOAD, { title: "九 Kinds", description: "Wet.", category: "rain", visibility: "private" });
  const { details, title, description, category, visibility } = row();
  description.choose("Wetter.");
  details.travels(UPLOAD, null);
  await settled();
  assert.deepEqual([title.value, description.value, category.value, visibility.value], ["九 Kinds", "Wetter.", "rain", "private"]);
  assert.deepEqual(site.written, [[UPLOAD, { description: "Wetter." }]]);
  details.arrived("film");
  await settled();
  assert.equal(site.written.length, 1);
});

test("a page whose default is stricter than the upload makes it stricter", async () => {
  const { details, visibility } = row({ ...DEFAULTS, visibility: "private" });
  details.travels(UPLOAD, null);
  await settled();
  assert.equal(visibility.value, "private");
  assert.deepEqual(site.written, [[UPLOAD, { visibility: "private" }]]);
});

test("an upload without a title leaves the one of its file's name", async () => {
  site.words.set(UPLOAD, { ...DEFAULTS, title: "", category: null });
  const { details, title } = row();
  details.travels(UPLOAD, null);
  await settled();
  assert.equal(title.value, "Rain");
});

test("defaults are never written over words that could not be asked for", async () => {
  site.words.set(FILM, { ...DEFAULTS, title: "Snow", category: { slug: "sea", name: "Sea" }, visibility: "private" });
  site.refuse = (address) => (address === UPLOAD ? new Response("", { status: 502 }) : null);
  const { details, title, category, visibility } = row();
  details.travels(UPLOAD, null);
  await settled();
  assert.deepEqual(site.written, []);
  details.arrived("film");
  await settled();
  assert.deepEqual([title.value, category.value, visibility.value], ["Snow", "sea", "private"]);
  assert.deepEqual(site.written, []);
});

test("what could not be saved is saved when the server is back", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { details, told, visibility } = row();
  details.travels(UPLOAD, details.values);
  site.refuse = () => new Response("", { status: 503 });
  visibility.choose("private");
  await settled();
  assert.equal(told.textContent, "Not saved: the server does not answer.");
  site.refuse = () => null;
  context.mock.timers.tick(60_000);
  await settled();
  assert.equal(site.words.get(UPLOAD)?.visibility, "private");
  assert.equal(told.textContent, "Saved");
});

test("a field that is refused takes no other with it, nor does a title that is being typed", async () => {
  const { details, title, category, visibility } = row();
  details.travels(UPLOAD, details.values);
  site.refuse = (_address, _method, sent) =>
    sent?.category === "gone" ? Response.json({ errors: { category: ["Unknown."] } }, { status: 400 }) : null;
  title.value = "";
  category.value = "gone";
  visibility.choose("private");
  await settled();
  assert.deepEqual(site.written, [
    [UPLOAD, { category: "gone", visibility: "private" }],
    [UPLOAD, { visibility: "private" }],
  ]);
  assert.equal(category.attributes.get("aria-invalid"), "true");
});

test("words of an upload that was given up go with the next one", async () => {
  const { details, visibility } = row();
  details.travels(UPLOAD, details.values);
  await settled();
  details.left();
  visibility.choose("private");
  await settled();
  assert.deepEqual(site.written, []);
  details.travels("/api/uploads/next/", details.values);
  await settled();
  assert.deepEqual(site.written, []);
});
