/** Requests to our own API: JSON in, JSON or a Problem out. A lost line is the TypeError that fetch throws. */

import { freshPage } from "./fresh.js";

/** An answer that says no, with its problem document. */
export class Problem extends Error {
  /** @param {number} status @param {ProblemBody} body */
  constructor(status, body) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.body = body;
  }

  /** Stable; what programs decide on. @returns {string} */
  get code() {
    return this.body.code ?? "";
  }
}

/** @param {Response} response @returns {Promise<Problem>} */
export async function problemFrom(response) {
  try {
    return new Problem(response.status, await response.json());
  } catch {
    return new Problem(response.status, {});
  }
}

/** The token that session writes must carry; pages that write have it in their head. @returns {string} */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}

/** Takes the token of the session as it is now: somebody signed in again, perhaps in another tab.
 * @returns {Promise<boolean>} whether there was one; never rejects */
export async function renewCsrfToken() {
  try {
    const page = await freshPage();
    if (!page) return false;
    const token = page.querySelector('meta[name="csrf-token"]')?.getAttribute("content");
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token ?? "");
    return Boolean(token);
  } catch {
    return false; // what fails for want of it says so
  }
}

/**
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<Response>} an answer that says yes
 */
export async function ask(url, init = {}) {
  const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" }, ...init });
  if (!response.ok) throw await problemFrom(response);
  return response;
}

/** @param {string} url @returns {Promise<any>} */
export async function getJson(url) {
  return (await ask(url)).json();
}

/**
 * @param {string} url
 * @param {object} body
 * @param {RequestInit} [init]
 * @returns {Promise<any>}
 */
export async function postJson(url, body, init = {}) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  const response = await ask(url, { method: "POST", headers, body: JSON.stringify(body), ...init });
  return response.status === 204 ? null : response.json();
}
