/**
 * Captions as <track>s of the film, so that menus, whole screens and other browsers' own controls know them. What is shown is
 * the browser's to say: a wish is made to its list of tracks, and what became of it is read there.
 */

import { firstChoice, forcedFor, namesOf, wished } from "./captions-choice.js";
import { ForcedWords } from "./forced.js";
import { recall, remember } from "./remembered.js";

const LOADED = 2;

export class Captions {
  #video;
  #forced;
  /** @type {CaptionAddress[]} */
  #captions = [];
  /** By the name of their file, which never changes its content. @type {Map<string, HTMLTrackElement>} */
  #tracks = new Map();
  /** What shows because we asked for it. @type {CaptionAddress | null} */
  #shown = null;
  #sound = "";
  #hasViewerChosen = false;
  /** @type {import("./captions-choice.js").Wish} */
  #wish = { language: recall().captions, label: recall().captionsLabel };
  /** What was on before it was switched off. */
  #last = this.#wish;

  /** @param {HTMLVideoElement} video @param {HTMLElement} controller @param {HTMLElement} box for forced words */
  constructor(video, controller, box) {
    this.#video = video;
    this.#forced = new ForcedWords(video, box);
    video.textTracks.addEventListener("change", () => this.#look());
    for (const request of ["mediashowsubtitlesrequest", "mediadisablesubtitlesrequest"]) {
      controller.addEventListener(request, () => (this.#hasViewerChosen = true), { capture: true });
    }
    controller.addEventListener("mediatogglesubtitlesrequest", (event) => this.#toggle(event), { capture: true });
  }

  /** The language of the sound that plays, as far as it is known. @param {string} language */
  set sound(language) {
    if (language === this.#sound) return;
    this.#sound = language;
    this.#showForced();
  }

  /** What the film has now, under addresses that live now. @param {CaptionAddress[]} captions */
  update(captions) {
    const names = namesOf(captions);
    /** @type {Map<string, HTMLTrackElement>} */
    const kept = new Map();
    captions.forEach((caption, index) => {
      const key = `${fileOf(caption.url)} ${caption.language} ${names[index]} ${caption.is_forced}`;
      kept.set(key, this.#renewed(this.#tracks.get(key), caption.url) ?? made(caption, names[index] ?? ""));
    });
    for (const [key, track] of this.#tracks) if (kept.get(key) !== track) track.remove();
    for (const track of kept.values()) if (!track.isConnected) this.#video.append(track);
    this.#tracks = kept;
    this.#captions = captions;
    this.#show(wished(captions, this.#wish));
  }

  /** A track whose text has not come is asked for under the newer address. @param {HTMLTrackElement | undefined} track @param {string} url */
  #renewed(track, url) {
    if (track && track.readyState !== LOADED && track.getAttribute("src") !== url) track.src = url;
    return track;
  }

  /** @param {CaptionAddress | null} caption */
  #show(caption) {
    this.#shown = caption;
    this.#eachOffered((track, own) => {
      track.track.mode = own === caption ? "showing" : "disabled";
    });
    this.#showForced();
  }

  #showForced() {
    const forced = this.#shown ? null : forcedFor(this.#captions, this.#sound, navigator.languages);
    this.#forced.show([...this.#tracks.values()].find((_, index) => this.#captions[index] === forced) ?? null);
  }

  /** The list of tracks has changed: by us, because the viewer chose in our menu or in that of the system's whole screen, or by
   * the browser itself, which switches tracks on that have just come. */
  #look() {
    const isViewers = this.#hasViewerChosen || ("webkitDisplayingFullscreen" in this.#video && this.#video.webkitDisplayingFullscreen);
    this.#hasViewerChosen = false;
    /** @type {CaptionAddress[]} */
    const showing = [];
    this.#eachOffered((track, own) => {
      if (track.track.mode === "showing") showing.push(own);
    });
    if (showing.length < 2 && (showing[0] ?? null) === this.#shown) return;
    if (isViewers) this.#choose(showing.find((own) => own !== this.#shown) ?? null);
    else this.#show(this.#shown);
  }

  /** @param {CaptionAddress | null} caption */
  #choose(caption) {
    this.#wish = { language: caption?.language ?? "", label: caption?.label ?? this.#last.label };
    if (caption) this.#last = this.#wish;
    remember({ captions: this.#wish.language, captionsLabel: this.#wish.label });
    this.#show(caption);
  }

  /** The button and the key: off, or on in the language that fits best. @param {Event} event */
  #toggle(event) {
    event.stopImmediatePropagation();
    this.#choose(this.#shown ? null : firstChoice(this.#captions, this.#last, [document.documentElement.lang, ...navigator.languages]));
  }

  /** @param {(track: HTMLTrackElement, caption: CaptionAddress) => void} visit */
  #eachOffered(visit) {
    [...this.#tracks.values()].forEach((track, index) => {
      const caption = this.#captions[index];
      if (caption && !caption.is_forced) visit(track, caption);
    });
  }
}

/** @param {string} url @returns {string} */
function fileOf(url) {
  return url.split("/").at(-1) ?? url;
}

/** @param {CaptionAddress} caption @param {string} name @returns {HTMLTrackElement} */
function made(caption, name) {
  const track = document.createElement("track");
  // Where browsers do not know "forced", it is data, and ForcedWords writes it on the picture.
  track.setAttribute("kind", caption.is_forced ? "forced" : "subtitles");
  track.label = name;
  if (caption.language !== "und") track.srclang = caption.language;
  track.src = caption.url;
  return track;
}
