/**
 * The film's sound tracks. `video.audioTracks` is where media-chrome's menu looks for them: a list of entries, of which one is
 * enabled. Choosing there is a request; the engine decides what becomes of it.
 */

import { recall, remember } from "./remembered.js";
import { soundFor, soundNames } from "./sounds-choice.js";

class SoundEntry {
  kind = "main";
  #list;
  #place;

  /** @param {SoundList} list @param {number} place @param {string} label @param {string} language */
  constructor(list, place, label, language) {
    this.#list = list;
    this.#place = place;
    this.id = String(place);
    this.label = label;
    this.language = language;
  }

  get enabled() {
    return this.#list.playing === this.#place;
  }

  /** A request from the menu, which also tells the others that they are off. */
  set enabled(isWanted) {
    if (isWanted && !this.enabled) this.#list.choose(this.#place);
  }
}

export class SoundList extends EventTarget {
  playing = -1;
  /** @type {SoundEntry[]} */
  #entries = [];

  /** @param {(place: number) => void} choose */
  constructor(choose) {
    super();
    this.choose = choose;
  }

  get length() {
    return this.#entries.length;
  }

  [Symbol.iterator]() {
    return this.#entries[Symbol.iterator]();
  }

  /** One track is nothing to choose from. @param {SoundChoice[]} sounds @param {string} [reader] */
  fill(sounds, reader) {
    const names = soundNames(sounds, reader);
    this.playing = -1;
    this.#entries = sounds.length < 2 ? [] : sounds.map((one, place) => new SoundEntry(this, place, names[place] ?? "", one.language));
    this.dispatchEvent(new Event("addtrack"));
  }

  /** What the engine made of it. @param {number} place */
  observed(place) {
    if (place === this.playing) return;
    this.playing = place;
    this.dispatchEvent(new Event("change"));
  }
}

export class Sounds {
  #parts;
  #list;
  /** @type {SoundChoice[]} */
  #sounds = [];
  #isAsked = false;

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video
   * @param {() => Engine | null} parts.engine
   * @param {(sound: SoundChoice | null) => void} parts.heard
   */
  constructor(parts) {
    this.#parts = parts;
    this.#list = new SoundList((place) => this.#choose(place));
    Object.defineProperty(parts.video, "audioTracks", { configurable: true, value: this.#list });
  }

  /** What the film has. @param {SoundChoice[]} sounds */
  open(sounds) {
    this.#sounds = sounds;
    this.#isAsked = false;
    this.#list.fill(sounds);
    this.#parts.heard(sounds[soundFor(sounds, { language: null, title: "" })] ?? null);
  }

  /** The engine has its list of tracks, or another of them plays. */
  update() {
    const engine = this.#parts.engine();
    if (!engine || this.#sounds.length < 2 || !engine.sounds.length) return;
    if (!this.#isAsked) {
      this.#isAsked = true;
      const { sound, soundTitle } = recall();
      engine.chooseSound(this.#placeIn(engine, soundFor(this.#sounds, { language: sound, title: soundTitle })));
    }
    const label = engine.sounds[engine.playingSound];
    const place = this.#sounds.findIndex((one) => one.label === label);
    if (place < 0) return;
    this.#list.observed(place);
    this.#parts.heard(this.#sounds[place] ?? null);
  }

  /** @param {number} place */
  #choose(place) {
    const sound = this.#sounds[place];
    const engine = this.#parts.engine();
    if (!sound || !engine) return;
    remember({ sound: sound.language, soundTitle: sound.title });
    engine.chooseSound(this.#placeIn(engine, place));
    this.update();
  }

  /** @param {Engine} engine @param {number} place */
  #placeIn(engine, place) {
    return engine.sounds.indexOf(this.#sounds[place]?.label ?? "");
  }
}
