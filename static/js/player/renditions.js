/**
 * The rungs as media-chrome's quality menu reads them from `video.videoRenditions`: a list with a selected index, -1 meaning
 * "by the line". Choosing is a request; the engine decides what becomes of it.
 */

/** One entry; the menu shows the short side as "720p". */
export class VideoRendition {
  /** @param {string} id @param {RungChoice} rung */
  constructor(id, rung) {
    this.id = id;
    this.width = rung.width;
    this.height = rung.height;
    this.bitrate = rung.bitrate;
  }
}

export class VideoRenditions extends EventTarget {
  /** @type {VideoRendition[]} */
  #list = [];
  #selected = -1;
  #choose;

  /** @param {(index: number) => void} choose */
  constructor(choose) {
    super();
    this.#choose = choose;
  }

  get length() {
    return this.#list.length;
  }

  [Symbol.iterator]() {
    return this.#list[Symbol.iterator]();
  }

  get selectedIndex() {
    return this.#selected;
  }

  /** A request from the menu. */
  set selectedIndex(index) {
    this.#choose(index);
  }

  /** What the engine made of it. @param {number} index */
  observed(index) {
    if (index === this.#selected) return;
    this.#selected = index;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {RungChoice[]} rungs */
  fill(rungs) {
    for (const key of Object.keys(this).filter((name) => /^\d+$/.test(name))) Reflect.deleteProperty(this, key);
    this.#list = rungs.map((rung, index) => new VideoRendition(String(index), rung));
    this.#list.forEach((rendition, index) => Object.defineProperty(this, index, { value: rendition, configurable: true, enumerable: true }));
    this.#selected = -1;
    this.dispatchEvent(new Event("addrendition"));
  }
}
