/**
 * <job-buttons>: what its owner may do with a job as it stands. Somebody sets `.job`; a click asks the API and sends `steered`
 * (bubbling) with its answer. The buttons follow what the server says, never what was hoped for.
 */

import { postJson, Problem } from "./http.js";
import { icon } from "./icon.js";
import { gettext } from "./words.js";

/** @type {Record<string, string[]>} */
const FITTING = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  failed: ["retry"],
  cancelled: ["retry"],
};

/** What can be done with a job in that state. Pure. @param {string | undefined} state @returns {string[]} */
export function commandsFor(state) {
  return FITTING[state ?? ""] ?? [];
}

/** @param {string} command @returns {[words: string, icon: string]} */
function faceOf(command) {
  switch (command) {
    case "pause":
      return [gettext("Pause"), "pause"];
    case "resume":
      return [gettext("Go on"), "play"];
    case "cancel":
      return [gettext("Stop making it"), "close"];
    default:
      return [gettext("Try again"), "retry"];
  }
}

export class JobButtons extends HTMLElement {
  /** @type {JobReference | null} */
  #job = null;
  #isAsking = false;
  #said = document.createElement("span");

  connectedCallback() {
    this.#said.setAttribute("role", "status");
    this.#said.className = "job-buttons__said";
    this.#draw();
  }

  /** @param {JobReference | null} job */
  set job(job) {
    if (job?.id === this.#job?.id && job?.state === this.#job?.state) return;
    const isSame = commandsFor(job?.state).join() === commandsFor(this.#job?.state).join() && job?.id === this.#job?.id;
    this.#job = job;
    if (!isSame) {
      this.#said.textContent = "";
      this.#draw();
    }
  }

  #draw() {
    const focused = this.contains(document.activeElement);
    const buttons = commandsFor(this.#job?.state).map((command) => {
      const [words, name] = faceOf(command);
      const button = document.createElement("button");
      button.type = "button";
      button.classList.add("button", "button--small");
      button.dataset.command = command;
      button.append(icon(name), words);
      button.addEventListener("click", () => void this.#give(command));
      return button;
    });
    this.replaceChildren(...buttons, this.#said);
    this.hidden = buttons.length === 0;
    if (focused) buttons[0]?.focus(); // whoever paused by keyboard finds "go on" where they are
  }

  /** @param {string} command */
  async #give(command) {
    if (!this.#job || this.#isAsking) return;
    this.#isAsking = true;
    this.toggleAttribute("data-asking", true);
    try {
      const job = await postJson(`/api/jobs/${this.#job.id}/${command}/`, {});
      this.job = { id: job.id, state: job.state };
      this.dispatchEvent(new CustomEvent("steered", { bubbles: true, detail: job }));
    } catch (error) {
      this.#said.textContent = refusalText(error);
    } finally {
      this.#isAsking = false;
      this.toggleAttribute("data-asking", false);
    }
  }
}

/** Why it was not done, for a person. @param {unknown} error @returns {string} */
export function refusalText(error) {
  if (error instanceof Problem) return error.message;
  if (error instanceof TypeError) return gettext("The line is lost. Please try again.");
  throw error;
}

customElements.define("job-buttons", JobButtons);
