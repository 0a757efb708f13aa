/**
 * Sends one film by parts (tus 1.0.0, tus-js-client): a line that breaks, a server that starts anew, a tab that was closed cost
 * what was on the way at that moment. The server's offset is the truth.
 */

import { csrfToken, Problem } from "../lib/http.js";

const ENDPOINT = "/api/uploads/";
// A server that starts anew needs a minute, a train in a tunnel some more.
const RETRY_DELAYS_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 60_000, 120_000];
// Another request of ours still holds the upload, or the server is not there for the moment.
const PASSING = new Set([0, 408, 409, 423, 429, 500, 502, 503, 504]);

/** The line broke, or the server went away, and did not come back. */
export class LineLost extends Error {}

/** The person took it back. */
export class Cancelled extends Error {}

/** @param {unknown} error @returns {Problem | LineLost} what a person can be told */
export function reasonFor(error) {
  const response = /** @type {import("tus-js-client").DetailedError} */ (error).originalResponse;
  const status = response?.getStatus() ?? 0;
  if (!response || status === 0) return new LineLost();
  try {
    return new Problem(status, JSON.parse(response.getBody()));
  } catch {
    return new Problem(status, {});
  }
}

/**
 * @param {object} film
 * @param {File} film.file
 * @param {Record<string, string>} film.fields
 * @param {{tusUrl: string, partBytes: number}} film.how where tus-js-client lies, and how large a part should be
 * @param {(sentBytes: number, totalBytes: number) => void} film.moved
 * @param {() => void} film.interrupted the line broke; it is tried again by itself
 * @returns {{done: Promise<{id: string, isResumed: boolean}>, cancel: () => void}}
 *   rejects with Problem, LineLost or Cancelled. `isResumed`: an upload that began earlier, with the words of then
 */
export function send({ file, fields, how, moved, interrupted }) {
  /** @type {import("tus-js-client").Upload | null} */
  let upload = null;
  let id = "";
  let isResumed = false;
  let isCancelled = false;
  /** @type {(reason: Error) => void} */
  let giveUp = () => {};

  /** @type {Promise<{id: string, isResumed: boolean}>} */
  const done = new Promise((resolve, reject) => {
    giveUp = reject;
    void begin(resolve, reject).catch(() => reject(new LineLost())); // the sender's own code did not arrive
  });

  /** @param {(item: {id: string, isResumed: boolean}) => void} resolve @param {(reason: Error) => void} reject */
  async function begin(resolve, reject) {
    await import(how.tusUrl); // a classic script: it leaves its name on the page
    if (isCancelled) return;
    upload = new tus.Upload(file, {
      endpoint: ENDPOINT,
      metadata: { filename: file.name, ...fields },
      chunkSize: how.partBytes || Number.POSITIVE_INFINITY,
      removeFingerprintOnSuccess: true,
      retryDelays: RETRY_DELAYS_MS,
      headers: { Accept: "application/json" },
      onBeforeRequest: (request) => request.setHeader("X-CSRFToken", csrfToken()),
      onAfterResponse: (_request, response) => {
        id = response.getHeader("Matinee-Video") ?? id;
      },
      onShouldRetry: (error) => {
        const mayRetry = PASSING.has(error.originalResponse?.getStatus() ?? 0);
        if (mayRetry) interrupted();
        return mayRetry;
      },
      onProgress: moved,
      onSuccess: () => resolve({ id, isResumed }),
      onError: (error) => reject(reasonFor(error)),
    });
    const [earlier] = await upload.findPreviousUploads();
    if (isCancelled) return;
    if (earlier) {
      isResumed = true;
      upload.resumeFromPreviousUpload(earlier);
    }
    upload.start();
  }

  const cancel = () => {
    isCancelled = true;
    giveUp(new Cancelled());
    // What has arrived goes too; where that cannot be said now, the server throws it away when its time is over.
    void upload?.abort(true).catch(() => {});
  };
  return { done, cancel };
}
