/** What the sections of the owner's panel have in common: their parts, their errors in words, and writing to the API. */

import { ask, csrfToken, Problem } from "../lib/http.js";
import { gettext } from "../lib/words.js";

/** @param {ParentNode} place @param {string} selector @returns {HTMLElement} */
export function part(place, selector) {
  const found = place.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`no ${selector} in the section`);
  return found;
}

/** What a refusal says to people: the first field that needs another value, else the problem itself.
 * @param {unknown} error @returns {string} */
export function wordsFor(error) {
  if (error instanceof TypeError) return gettext("The server cannot be reached. Please try again.");
  if (!(error instanceof Problem)) throw error;
  return firstText(error.body.errors) ?? error.body.detail ?? gettext("That did not work. Please try again.");
}

/** @param {unknown} nested @returns {string | null} */
function firstText(nested) {
  if (typeof nested === "string") return nested;
  if (!nested || typeof nested !== "object") return null;
  for (const inner of Object.values(nested)) {
    const text = firstText(inner);
    if (text) return text;
  }
  return null;
}

/** The line of errors of a section or a row; empty words hide it. @param {Element} place @param {string} words */
export function wrong(place, words) {
  const line = place.querySelector(":scope > [data-wrong]");
  if (!(line instanceof HTMLElement)) return;
  line.textContent = words;
  line.hidden = !words;
}

/** @param {string} method @param {string} url @param {object | FormData} [body] @returns {Promise<any>} */
export async function write(method, url, body) {
  const isForm = body instanceof FormData;
  const response = await ask(url, {
    method,
    headers: {
      Accept: "application/json",
      "X-CSRFToken": csrfToken(),
      ...(body && !isForm ? { "Content-Type": "application/json" } : {}),
    },
    body: isForm ? body : body && JSON.stringify(body),
  });
  return response.status === 204 ? null : response.json();
}

/** A button that asks once more: the second press counts. @param {HTMLElement} button @param {string} question @param {() => void} sure */
export function askTwice(button, question, sure) {
  const label = button.querySelector("span") ?? button;
  const first = label.textContent;
  const forget = () => {
    button.removeAttribute("data-asked");
    label.textContent = first;
  };
  button.addEventListener("blur", forget);
  button.addEventListener("click", () => {
    if (button.hasAttribute("data-asked")) {
      sure();
      return;
    }
    button.setAttribute("data-asked", "");
    label.textContent = question;
  });
}
