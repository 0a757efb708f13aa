/** Sends one film to the API and tells how far it is. XMLHttpRequest, because fetch tells nothing about what it has sent. */

import { csrfToken, Problem } from "../lib/http.js";

/** The line broke, or the server went away. */
export class LineLost extends Error {}

/** The person took it back. */
export class Cancelled extends Error {}

/** @param {XMLHttpRequest} request @returns {ProblemBody & {id?: string}} */
function bodyOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

/**
 * @param {object} film
 * @param {File} film.file
 * @param {Record<string, string>} film.fields
 * @param {(sentBytes: number, totalBytes: number) => void} film.moved
 * @returns {{done: Promise<{id: string, status: number, audit_status: number}>, cancel: () => void}}
 *   rejects with Problem, LineLost or Cancelled
 */
export function send({ file, fields, moved }) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  // The words go first: the receiver reads them before the film.
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file, file.name);

  /** @type {Promise<any>} */
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => moved(event.loaded, event.lengthComputable ? event.total : file.size);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(bodyOf(request));
      else reject(new Problem(request.status, bodyOf(request)));
    };
    request.onerror = () => reject(new LineLost());
    request.onabort = () => reject(new Cancelled());
  });
  request.open("POST", "/api/videos/");
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.send(form);
  return { done, cancel: () => request.abort() };
}
