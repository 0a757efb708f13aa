/** A few films at a time, the others in the order they came. */

const AT_ONCE = 2;

export class UploadQueue {
  /** @type {(() => Promise<void>)[]} */
  #waiting = [];
  #running = 0;

  /** @param {() => Promise<void>} work never rejects @returns {() => boolean} takes it back; false when it has begun */
  add(work) {
    this.#waiting.push(work);
    this.#next();
    return () => {
      const place = this.#waiting.indexOf(work);
      if (place < 0) return false;
      this.#waiting.splice(place, 1);
      return true;
    };
  }

  #next() {
    const work = this.#running < AT_ONCE ? this.#waiting.shift() : undefined;
    if (!work) return;
    this.#running += 1;
    void work().finally(() => {
      this.#running -= 1;
      this.#next();
    });
    this.#next();
  }
}
