/**
 * <job-buttons>: what its owner may do with a job as it stands. Somebody sets `.job`; a click asks the API and sends `steered`
 * (bubbling) with its answer. The buttons follow what the server says, never what was hoped for. What would take the film away
 * is asked about first.
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

/** What can be done with a job as it stands, and may help. Pure. @param {JobReference | null} job @returns {string[]} */
export function commandsFor(job) {
  const fitting = FITTING[job?.state ?? ""] ?? [];
  return job?.may_help ? fitting : fitting.filter((command) => command !== "retry");
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
  /** The command that is asked about. */
  #asked = "";

  connectedCallback() {
    this.#said.setAttribute("role", "status");
    this.#said.className = "job-buttons__said";
    this.#draw();
  }

  /** @param {JobReference | null} job */
  set job(job) {
    const before = this.#job;
    this.#job = job;
    const isSame = commandsFor(job).join() === commandsFor(before).join() && job?.id === before?.id;
    if (isSame && (!this.#asked || job?.is_needed)) return;
    this.#asked = "";
    this.#said.textContent = "";
    this.#draw();
  }

  #draw() {
    const focused = this.contains(document.activeElement);
    const buttons = this.#asked ? this.#answers() : commandsFor(this.#job).map((command) => this.#button(command));
    this.replaceChildren(...(this.#asked ? [this.#question()] : []), ...buttons, this.#said);
    this.hidden = buttons.length === 0;
    if (focused) buttons[0]?.focus(); // whoever paused by keyboard finds "go on" where they are
  }

  /** @param {string} command @returns {HTMLButtonElement} */
  #button(command) {
    const [words, name] = faceOf(command);
    const made = button(words, name, () => {
      if (command === "cancel" && this.#job?.is_needed) this.#ask(command);
      else void this.#give(command);
    });
    made.dataset.command = command;
    return made;
  }

  /** @param {string} command nothing: no question any more */
  #ask(command) {
    this.#asked = command;
    this.#draw();
  }

  #question() {
    const question = document.createElement("p");
    question.setAttribute("role", "alert");
    question.className = "job-buttons__question";
    question.textContent = gettext("Stop making this film? Nobody can watch it then, until you have it made after all.");
    return question;
  }

  /** The harmless one first: it has the focus. */
  #answers() {
    const command = this.#asked;
    const yes = button(gettext("Yes, stop it"), "close", () => {
      this.#ask("");
      void this.#give(command);
    });
    yes.classList.add("button--bad");
    return [button(gettext("Go on making it"), "play", () => this.#ask("")), yes];
  }

  /** @param {string} command */
  async #give(command) {
    if (!this.#job || this.#isAsking) return;
    this.#isAsking = true;
    this.toggleAttribute("data-asking", true);
    try {
      const job = await postJson(`/api/jobs/${this.#job.id}/${command}/`, {});
      this.job = { id: job.id, state: job.state, may_help: job.may_help, is_needed: this.#job.is_needed };
      this.dispatchEvent(new CustomEvent("steered", { bubbles: true, detail: job }));
    } catch (error) {
      this.#said.textContent = refusalText(error);
    } finally {
      this.#isAsking = false;
      this.toggleAttribute("data-asking", false);
    }
  }
}

/** @param {string} words @param {string} name of its icon @param {() => void} press @returns {HTMLButtonElement} */
function button(words, name, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.classList.add("button", "button--small");
  made.append(icon(name), words);
  made.addEventListener("click", press);
  return made;
}

/** Why it was not done, for a person. @param {unknown} error @returns {string} */
export function refusalText(error) {
  if (error instanceof Problem) return error.message;
  if (error instanceof TypeError) return gettext("The line is lost. Please try again.");
  throw error;
}

customElements.define("job-buttons", JobButtons);
