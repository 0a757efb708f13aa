/** Words that stand in the picture though captions are off. Browsers that know forced tracks show them themselves; elsewhere
 * the track is data, and its cues are written here, where the browser would write them. */

export class ForcedWords {
  #box;
  /** @type {HTMLTrackElement | null} */
  #shown = null;
  #stop = new AbortController();

  /** @param {HTMLVideoElement} video @param {HTMLElement} box */
  constructor(video, box) {
    this.#box = box;
    video.addEventListener("emptied", () => this.#write([]));
  }

  /** @param {HTMLTrackElement | null} element */
  show(element) {
    if (element === this.#shown) return;
    this.#stop.abort();
    this.#stop = new AbortController();
    if (this.#shown) this.#shown.track.mode = "disabled";
    this.#shown = element;
    this.#write([]);
    if (!element) return;
    const { track } = element;
    const isKnown = /** @type {string} */ (track.kind) === "forced";
    track.mode = isKnown ? "showing" : "hidden";
    if (isKnown) return;
    const write = () => this.#write([...(track.activeCues ?? [])]);
    track.addEventListener("cuechange", write, { signal: this.#stop.signal });
    write();
  }

  /** @param {TextTrackCue[]} cues */
  #write(cues) {
    const words = cues.filter((cue) => cue instanceof VTTCue);
    this.#box.replaceChildren(
      ...words.map((cue) => {
        const line = document.createElement("p");
        line.append(cue.getCueAsHTML());
        line.dataset.place = typeof cue.line === "number" && (cue.snapToLines ? cue.line >= 0 : cue.line < 50) ? "top" : "foot";
        return line;
      }),
    );
    this.#box.hidden = words.length === 0;
  }
}
