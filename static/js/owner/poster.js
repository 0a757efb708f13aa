/**
 * <film-poster data-video data-duration>: the picture that stands for a film, in the owner's panel. A picture of one's own, a frame
 * of the film (below a player the one on the screen, else picked from its storyboard or by its time), or the automatic one again.
 * Markup: templates/videos/_owner_poster.html.
 */

import { clockText } from "../lib/clock.js";
import { ask, getJson } from "../lib/http.js";
import { spread, tilesOf } from "../lib/storyboard.js";
import { gettext, interpolate } from "../lib/words.js";
import { exactTime, secondsOf } from "./chapter-rows.js";
import { part, wordsFor, write, wrong } from "./sections.js";

const MOST_TILES = 48;
const LOOK_EVERY_MS = 600;
const LOOK_FOR_MS = 60_000;

/** @typedef {{poster: string | null, is_own: boolean, width: number | null, height: number | null}} Poster */

class FilmPoster extends HTMLElement {
  #wish = 0;

  connectedCallback() {
    const file = /** @type {HTMLInputElement} */ (part(this, "input[type=file]"));
    file.addEventListener("change", () => {
      const [picture] = file.files ?? [];
      file.value = ""; // the same file may be chosen again
      if (picture) void this.#send(picture);
    });
    this.#listenForDrops(part(this, "[data-drop]"));
    part(this, "[data-take]").addEventListener("click", () => void this.#takeFrame(this.#film?.currentTime ?? 0));
    part(this, "[data-reset]").addEventListener("click", () => void this.#change("DELETE"));
    part(this, "[data-exact]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#takeTyped();
    });
    for (const moment of ["timeupdate", "seeked"]) this.#film?.addEventListener(moment, () => this.#tellWhere());
    void this.#begin();
  }

  get #url() {
    return `/api/videos/${this.dataset.video}/poster/`;
  }

  /** @returns {HTMLVideoElement | null} */
  get #film() {
    return document.querySelector("video");
  }

  async #begin() {
    const hasPicture = !("soundOnly" in this.dataset);
    part(this, "[data-take]").hidden = !hasPicture || !this.#film;
    part(this, "[data-exact]").hidden = !hasPicture || this.#film !== null;
    this.#tellWhere();
    try {
      this.#show(await getJson(this.#url));
      if (hasPicture && !this.#film) await this.#offerFrames();
    } catch (error) {
      wrong(this, wordsFor(error));
    }
  }

  /** Below a player the button says which picture it takes. */
  #tellWhere() {
    const seconds = this.#film?.currentTime ?? 0;
    part(this, "[data-take]").textContent = interpolate(gettext("Take the picture at %(time)s"), { time: clockText(seconds) });
  }

  /** Small pictures to choose from, where the film has a storyboard. */
  async #offerFrames() {
    const { storyboard } = await getJson(`/api/videos/${this.dataset.video}/`);
    if (!storyboard) return;
    const list = await ask(storyboard, { headers: {} });
    const tiles = spread(tilesOf(await list.text(), list.url), MOST_TILES);
    part(this, "[data-strip]").replaceChildren(...tiles.map((tile) => this.#button(tile)));
    part(this, "[data-frames]").hidden = tiles.length === 0;
  }

  /** @param {import("../lib/storyboard.js").Tile} tile @returns {HTMLElement} */
  #button({ seconds, sheet, x, y, width, height }) {
    const button = document.createElement("button");
    const picture = document.createElement("span");
    const time = clockText(seconds);
    button.type = "button";
    button.classList.add("poster__tile", "numbers");
    button.setAttribute("aria-label", interpolate(gettext("Take the picture at %(time)s"), { time }));
    Object.assign(picture.style, {
      width: `${width}px`,
      height: `${height}px`,
      backgroundImage: `url("${sheet}")`,
      backgroundPosition: `-${x}px -${y}px`,
    });
    button.append(picture, time);
    button.addEventListener("click", () => void this.#takeFrame(seconds));
    return button;
  }

  #takeTyped() {
    const field = /** @type {HTMLInputElement} */ (part(this, "[data-time]"));
    const seconds = secondsOf(field.value);
    const duration = Number(this.dataset.duration ?? Infinity);
    const isWrong = seconds === null || seconds > duration;
    field.setAttribute("aria-invalid", String(isWrong));
    if (seconds === null) wrong(this, gettext("Write a time such as 1:23."));
    else if (isWrong) wrong(this, interpolate(gettext("The film ends at %(time)s."), { time: exactTime(duration) }));
    else void this.#takeFrame(seconds);
    if (isWrong) field.focus();
  }

  /** @param {number} seconds */
  async #takeFrame(seconds) {
    const longest = Number(this.dataset.duration ?? Infinity); // the browser's own length may be a little longer
    await this.#change("POST", { at_seconds: Math.min(seconds, longest) });
  }

  /** @param {File} picture */
  async #send(picture) {
    const form = new FormData();
    form.append("file", picture);
    await this.#change("PUT", form);
  }

  /** The newest wish counts: what an older one still brings is not told. @param {string} method @param {object | FormData} [body] */
  async #change(method, body) {
    this.#wish += 1;
    const wish = this.#wish;
    wrong(this, "");
    this.#busy(true);
    try {
      const answer = await write(method, this.#url, body);
      if (answer?.job) await this.#untilDone(answer.job, wish);
      const poster = await getJson(this.#url);
      if (wish === this.#wish) this.#show(poster);
    } catch (error) {
      if (wish === this.#wish) wrong(this, wordsFor(error));
    }
    if (wish === this.#wish) this.#busy(false);
  }

  /** @param {string} job @param {number} wish */
  async #untilDone(job, wish) {
    const until = Date.now() + LOOK_FOR_MS;
    while (Date.now() < until) {
      const { state, error } = await getJson(`/api/jobs/${job}/`);
      if (wish !== this.#wish) return;
      if (state === "failed") wrong(this, error?.message ?? gettext("That did not work. Please try again."));
      if (state === "done" || state === "failed" || state === "cancelled") return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    if (wish === this.#wish) wrong(this, gettext("The picture will come as soon as the server gets round to it."));
  }

  /** @param {boolean} isBusy */
  #busy(isBusy) {
    part(this, "[data-now]").setAttribute("aria-busy", String(isBusy));
    part(this, "[data-said]").textContent = isBusy ? gettext("Changing the picture …") : "";
  }

  /** @param {Poster} poster */
  #show({ poster, is_own: isOwn, width, height }) {
    const picture = /** @type {HTMLImageElement} */ (part(this, "[data-picture]"));
    const before = fileOf(picture.src);
    picture.hidden = !poster;
    this.querySelector("[data-blank]")?.toggleAttribute("hidden", poster !== null);
    part(this, "[data-now]").classList.toggle("still--upright", (height ?? 0) > (width ?? 0));
    if (poster && fileOf(poster) !== before) showEverywhere(before, poster, picture);
    part(this, "[data-reset]").hidden = !isOwn;
    const found = poster ? gettext("Found by itself, from the film.") : gettext("There is none yet.");
    part(this, "[data-whose]").textContent = isOwn ? gettext("Chosen by you: it stays until you choose another.") : found;
  }

  /** @param {HTMLElement} desk */
  #listenForDrops(desk) {
    desk.addEventListener("dragover", (event) => {
      event.preventDefault();
      desk.dataset.over = "";
    });
    desk.addEventListener("dragleave", () => delete desk.dataset.over);
    desk.addEventListener("drop", (event) => {
      event.preventDefault();
      delete desk.dataset.over;
      const [picture] = event.dataTransfer?.files ?? [];
      if (picture) void this.#send(picture);
    });
  }
}

/** The last part of an address, which changes with its content. @param {string} address @returns {string} */
function fileOf(address) {
  return address.split("/").at(-1) ?? "";
}

/** Wherever on the page the older picture stands. @param {string} before @param {string} poster @param {HTMLImageElement} picture */
function showEverywhere(before, poster, picture) {
  picture.src = poster;
  for (const other of before ? document.images : []) if (fileOf(other.src) === before) other.src = poster;
  const film = document.querySelector("video");
  if (film instanceof HTMLVideoElement) film.poster = poster;
}

customElements.define("film-poster", FilmPoster);
