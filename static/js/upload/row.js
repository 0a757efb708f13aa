/**
 * <upload-row>: one film on its way, from the chosen file to the finished item. Markup: the template in
 * templates/videos/upload.html. `data-state` is one of waiting, sending, making, ready, failed, cancelled.
 */

import { bytesText, timeLeftText } from "../lib/clock.js";
import { Problem } from "../lib/http.js";
import "../lib/making.js";
import { gettext, interpolate } from "../lib/words.js";
import { FilmDetails } from "./details.js";
import { serversPicture } from "./poster.js";
import { firstLook } from "./preview.js";
import { SpeedMeter } from "./speed.js";
import { titleFromName } from "./title.js";
import { Cancelled, GONE, LineLost, send } from "./transfer.js";

const AVAILABLE = 0;
const PROCESSING = 1;
const APPROVED = 0;

/** What went wrong, for a person. @param {unknown} error @returns {string} */
export function reasonOf(error) {
  if (error instanceof LineLost) return gettext("The line broke before the film had arrived.");
  if (!(error instanceof Problem)) throw error;
  const field = Object.values(error.body.errors ?? {})[0]?.[0];
  if (field) return field;
  if (error.code === "upload_taken_over") return gettext("It is going on in another tab.");
  if (error.status === 401 || error.status === 403) return gettext("You are signed out. Sign in again in another tab, then try again.");
  return error.body.detail ?? gettext("The server could not take this film.");
}

export class UploadRow extends HTMLElement {
  /** @type {File | null} */
  #file = null;
  /** @type {FilmDetails | null} */
  #details = null;
  /** @type {() => void} */
  #cancel = () => {};
  #how = { tusUrl: "", partBytes: 0 };
  /** @type {string | null} */
  #address = null;
  /** @type {import("./queue.js").UploadQueue | null} */
  #queue = null;

  /** Still needs this page. @returns {boolean} */
  get isBusy() {
    return this.dataset.state === "waiting" || this.dataset.state === "sending";
  }

  /**
   * @param {File} file
   * @param {Record<string, string>} defaults
   * @param {import("./queue.js").UploadQueue} queue
   * @param {number} maxBytes 0: no limit
   * @param {{tusUrl: string, partBytes: number}} how as transfer.js has it
   * @param {string | null} [address] of an upload to go on with; the words are then the ones that it has
   */
  begin(file, defaults, queue, maxBytes, how, address = null) {
    this.#file = file;
    this.#address = address;
    this.#how = how;
    this.#queue = queue;
    this.#details = new FilmDetails(this.#part("[data-details]"), this.#part("[data-saved]"));
    this.#details.fill({ ...defaults, title: defaults.title || titleFromName(file.name) });
    this.#part("[data-name]").textContent = `${file.name} · ${bytesText(file.size)}`;
    this.#part("[data-cancel]").addEventListener("click", () => this.#cancel());
    this.#part("[data-retry]").addEventListener("click", () => this.#enqueue());
    this.#part("[data-remove]").addEventListener("click", () => {
      this.#details?.left();
      this.remove();
    });
    this.addEventListener("made", (event) => this.#made(/** @type {CustomEvent<VideoSnapshot>} */ (event).detail));
    this.addEventListener("news", (event) => this.#follows(/** @type {CustomEvent<VideoSnapshot>} */ (event).detail));
    if (maxBytes && file.size > maxBytes) {
      this.#fail(interpolate(gettext("The file is larger than this site takes (%(most)s)."), { most: bytesText(maxBytes) }));
      return;
    }
    this.#enqueue();
    void firstLook(file).then((picture) => {
      const still = this.#part("[data-still]");
      if (picture && !still.querySelector("img")) still.replaceChildren(picture);
    });
  }

  #enqueue() {
    if (!this.#queue) return;
    this.#enter("waiting", gettext("Waiting for the films before it"));
    let takeBack = () => false;
    // Before it is added: a film whose turn it is at once sets off in there, and brings its own way to cancel.
    this.#cancel = () => takeBack() && this.#enter("cancelled", gettext("Cancelled"));
    takeBack = this.#queue.add(() => this.#send());
  }

  async #send() {
    if (!this.#file || !this.#details) return;
    const meter = new SpeedMeter();
    this.#enter("sending", gettext("Sending"));
    this.#moved(meter, 0, this.#file.size);
    const details = this.#details;
    const { done, cancel } = send({
      file: this.#file,
      fields: () => details.values,
      announced: (address, words) => details.travels(address, words),
      how: this.#how,
      address: this.#address,
      interrupted: () => this.#say(gettext("The line broke. It goes on by itself.")),
      moved: (sent, total) => this.#moved(meter, sent, total),
    });
    this.#cancel = () => {
      this.#part("[data-cancel]").hidden = true;
      this.#say(gettext("Cancelling"));
      cancel();
    };
    try {
      const id = await done;
      details.arrived(id);
      this.#follow(id);
    } catch (error) {
      const isCancelled = error instanceof Cancelled;
      if (isCancelled || (error instanceof Problem && GONE.has(error.status))) {
        this.#address = null; // nothing is left there: whoever tries again begins anew
        details.left();
      }
      if (isCancelled) this.#enter("cancelled", gettext("Cancelled"));
      else this.#fail(reasonOf(error));
    }
  }

  /** @param {SpeedMeter} meter @param {number} sent @param {number} total */
  #moved(meter, sent, total) {
    meter.add(performance.now(), sent);
    const bar = /** @type {HTMLProgressElement} */ (this.#part("[data-bar]"));
    bar.max = total;
    bar.value = sent;
    const figures = [interpolate(gettext("%(sent)s of %(total)s"), { sent: bytesText(sent), total: bytesText(total) })];
    const speed = meter.bytesPerSecond;
    const left = meter.secondsLeft(total);
    if (speed !== null && sent < total) figures.push(interpolate(gettext("%(size)s a second"), { size: bytesText(speed) }));
    if (left !== null && sent < total) figures.push(timeLeftText(left));
    this.#part("[data-figures]").textContent = figures.join(" · ");
    const isAllSent = sent >= total && total > 0;
    this.#part("[data-cancel]").hidden = isAllSent; // too late: the film may exist already
    this.#say(isAllSent ? gettext("Arrived, being stored") : gettext("Sending"));
  }

  /** @param {string} words */
  #say(words) {
    const line = this.#part("[data-line]");
    if (line.textContent !== words) line.textContent = words;
  }

  /** The bytes are there; from here the server tells. @param {string} id */
  #follow(id) {
    this.#enter("making", gettext("The film has arrived. You may leave this page."));
    const making = document.createElement("making-of");
    making.dataset.video = id;
    making.dataset.follow = "";
    making.dataset.steer = "";
    this.#part("[data-making]").replaceChildren(making);
    /** @type {HTMLAnchorElement} */ (this.#part("[data-watch]")).href = `/watch/${id}/`;
    this.#part("[data-watch]").hidden = false;
    void serversPicture(id, () => this.isConnected && this.dataset.state !== "failed").then((picture) => {
      if (picture) this.#part("[data-still]").replaceChildren(picture);
    });
  }

  /** @param {VideoSnapshot} snapshot */
  #made(snapshot) {
    if (snapshot.status !== AVAILABLE) {
      this.#fail(snapshot.progress.error?.message ?? gettext("This film could not be prepared."), false);
      return;
    }
    this.#enter(
      "ready",
      snapshot.audit_status === APPROVED
        ? gettext("Ready, and on the programme.")
        : gettext("Ready. It waits for approval; until then only you and the moderators see it."),
    );
  }

  /** After the film can be played its sizes are still being made; after a failure its owner may have it tried again.
   * @param {VideoSnapshot} snapshot */
  #follows(snapshot) {
    if (snapshot.status === PROCESSING && this.dataset.state === "failed") {
      this.#enter("making", gettext("The film is being made again."));
      this.removeAttribute("data-final");
      this.#part("[data-watch]").hidden = false;
    }
    this.#part("[data-making]").hidden = snapshot.progress.state === "done";
  }

  /** @param {string} reason @param {boolean} [mayRetry] */
  #fail(reason, mayRetry = true) {
    this.#enter("failed", reason);
    this.#part("[data-retry]").hidden = !mayRetry;
    this.#part("[data-watch]").hidden = true;
    this.toggleAttribute("data-final", !mayRetry);
  }

  /** @param {string} state @param {string} words */
  #enter(state, words) {
    this.dataset.state = state;
    this.#part("[data-line]").textContent = words;
    if (state !== "sending") this.#part("[data-figures]").textContent = "";
    this.#part("[data-bar]").hidden = state !== "sending";
    this.#part("[data-making]").hidden = !["making", "ready", "failed"].includes(state);
    this.#part("[data-cancel]").hidden = !this.isBusy;
    this.#part("[data-retry]").hidden = state !== "failed" && state !== "cancelled";
    this.#part("[data-remove]").hidden = state !== "failed" && state !== "cancelled";
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    const found = this.querySelector(selector);
    if (!(found instanceof HTMLElement)) throw new Error(`no ${selector} in the row`);
    return found;
  }
}

customElements.define("upload-row", UploadRow);
