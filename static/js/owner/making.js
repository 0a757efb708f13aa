/**
 * <film-making data-video="id">: how the film is made, and what its owner may do about it: the buttons of its job, one size made
 * again, and a readable account of what was done.
 */

import { refusalText } from "../lib/job-buttons.js";
import { getJson, postJson } from "../lib/http.js";
import "../lib/making.js";
import { gettext, interpolate } from "../lib/words.js";
import { accountOf } from "./account.js";

const READ_AGAIN_MS = 3000;

class FilmMaking extends HTMLElement {
  #making = /** @type {import("../lib/making.js").MakingOf} */ (document.createElement("making-of"));
  #again = document.createElement("div");
  #otherFile = document.createElement("a");
  #account = document.createElement("details");
  #said = document.createElement("p");
  #leave = new AbortController();
  /** The job that is shown, and how it stood when it was read. */
  #read = "";
  #readAt = 0;
  /** @type {Pick<JobReference, "id" | "state"> | null} */
  #job = null;

  connectedCallback() {
    this.#making.dataset.steer = "";
    this.#again.className = "owner__again";
    this.#account.className = "owner__account";
    const summary = document.createElement("summary");
    summary.textContent = gettext("What was done");
    this.#account.append(summary, document.createElement("div"));
    this.#account.hidden = true;
    this.#said.setAttribute("role", "alert");
    this.#said.className = "errors";
    this.#said.hidden = true;
    this.replaceChildren(this.#making, this.#said, this.#again, this.#account);
    this.#otherFile.href = "#owner-file";
    this.#otherFile.classList.add("button", "button--small");
    this.#otherFile.textContent = gettext("Choose another file…");
    this.#otherFile.hidden = true;
    this.#making.after(this.#otherFile);
    const { signal } = this.#leave;
    this.#account.addEventListener("toggle", () => void this.#readJob(), { signal });
    document.addEventListener(
      "snapshot",
      (event) => this.#hear(/** @type {CustomEvent<VideoSnapshot>} */ (event).detail.progress),
      { signal },
    );
    void this.#begin();
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** Whoever opens the page late has missed what the socket said. */
  async #begin() {
    try {
      this.#hear(await getJson(`/api/videos/${this.dataset.video}/progress/`));
    } catch {
      this.#making.progress = null; // the socket will tell
    }
  }

  /** @param {Progress} progress */
  #hear(progress) {
    this.dataset.state = progress.state;
    this.#making.progress = progress;
    this.#job = progress.job;
    this.#otherFile.hidden = progress.state !== "failed" || progress.job?.may_help !== false;
    this.#account.hidden = this.#job === null;
    const stands = this.#job ? `${this.#job.id} ${this.#job.state}` : "";
    const isFollowed = this.#account.open && Date.now() - this.#readAt > READ_AGAIN_MS;
    if (this.#job && (stands !== this.#read || isFollowed)) {
      this.#read = stands;
      void this.#readJob();
    }
  }

  async #readJob() {
    if (!this.#job) return;
    this.#readAt = Date.now();
    try {
      this.#show(await getJson(`/api/jobs/${this.#job.id}/`));
    } catch {
      this.#read = ""; // with the next news
    }
  }

  /** @param {FullJob} job */
  #show(job) {
    this.#offerAgain(job);
    if (this.#account.open) this.#account.lastElementChild?.replaceWith(accountOf(job, this.#account));
  }

  /** One size of a film that is made can be made again. @param {FullJob} job */
  #offerAgain(job) {
    const buttons = job.retry_rungs.map((rung) => {
      const button = document.createElement("button");
      button.type = "button";
      button.classList.add("button", "button--small");
      button.textContent = rung;
      button.setAttribute("aria-label", interpolate(gettext("Make %(size)s again"), { size: rung }));
      button.addEventListener("click", () => void this.#makeAgain(job.id, rung));
      return button;
    });
    const words = document.createElement("span");
    words.className = "soft";
    words.textContent = gettext("Make one size again:");
    this.#again.replaceChildren(...(buttons.length ? [words, ...buttons] : []));
    this.#again.hidden = buttons.length === 0;
  }

  /** @param {string} id @param {string} rung */
  async #makeAgain(id, rung) {
    this.#said.hidden = true;
    try {
      const job = await postJson(`/api/jobs/${id}/retry/`, { rung });
      this.#job = job;
      this.#show(job);
    } catch (error) {
      this.#said.textContent = refusalText(error);
      this.#said.hidden = false;
    }
  }
}

customElements.define("film-making", FilmMaking);
