import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

/** As much of an element as a section of the owner's panel asks for. */
class Element extends EventTarget {
  dataset = {};
  classList = { toggle() {} };
  hidden = true;
  textContent = "";
  src = "";
  #parts = new Map();

  setAttribute() {}
  toggleAttribute() {}

  querySelector(selector) {
    if (!this.#parts.has(selector)) this.#parts.set(selector, new Element());
    return this.#parts.get(selector);
  }
}

const before = { HTMLElement: globalThis.HTMLElement, customElements: globalThis.customElements, document: globalThis.document };
const { fetch } = globalThis;
/** @type {new () => Element} */
let FilmPoster = Element;

globalThis.HTMLElement = Element;
globalThis.customElements = { define: (_name, made) => (FilmPoster = made) };
globalThis.document = { querySelector: () => null, images: [] };
await import("../../static/js/owner/poster.js");

afterEach(() => {
  globalThis.fetch = fetch;
  Object.assign(globalThis, before);
});

const settled = async () => {
  for (let round = 0; round < 10; round += 1) await new Promise(setImmediate);
};

test("what became of an older wish is not told over a newer one", async () => {
  /** @type {((response: Response) => void)[]} */
  const looks = [];
  let jobs = 0;
  globalThis.fetch = (address, { method = "GET" } = {}) => {
    if (address.startsWith("/api/jobs/")) return new Promise((resolve) => looks.push(resolve));
    if (method === "POST") return Promise.resolve(Response.json({ job: `job-${(jobs += 1)}` }));
    return Promise.resolve(Response.json({ poster: null, is_own: false, width: null, height: null, storyboard: null }));
  };
  const section = new FilmPoster();
  section.connectedCallback();
  await settled();
  const take = section.querySelector("[data-take]");
  const told = section.querySelector(":scope > [data-wrong]");
  take.dispatchEvent(new Event("click"));
  await settled();
  take.dispatchEvent(new Event("click"));
  await settled();
  looks[0]?.(Response.json({ state: "failed", error: { message: "The older one." } }));
  await settled();
  assert.equal(told.textContent, "");
  looks[1]?.(Response.json({ state: "failed", error: { message: "The newer one." } }));
  await settled();
  assert.equal(told.textContent, "The newer one.");
});
