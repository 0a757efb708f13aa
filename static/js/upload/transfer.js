/**
 * Sends one film by parts (tus 1.0.0, tus-js-client): a line that breaks, a server that starts anew, a tab that was closed cost
 * what was on the way at that moment. The server's offset is the truth.
 */

import { csrfToken, Problem, renewCsrfToken } from "../lib/http.js";
import { fingerprintOf, forget, recall, remember } from "./remembered.js";

const ENDPOINT = "/api/uploads/";
// A server that starts anew needs a minute, a train in a tunnel some more.
const RETRY_DELAYS_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 60_000, 120_000];
// Another request of ours still holds the upload, or the server is not there for the moment.
const PASSING = new Set([0, 408, 409, 423, 429, 500, 502, 503, 504]);
// The upload's time is over, or somebody gave it up: nothing is left to go on with.
export const GONE = new Set([404, 410]);
const PATIENCE_MS = 3000; // with the answer to a cancelling
const SIGNED_OUT = new Set([401, 403]);
let isTokenOld = false; // whoever signs in again, in another tab, gets a new one

/** The line broke, or the server went away, and did not come back. */
export class LineLost extends Error {}

/** The person took it back. */
export class Cancelled extends Error {}

/** @param {unknown} error @returns {number} the status of the answer; 0: there was none */
function statusOf(error) {
  return /** @type {import("tus-js-client").DetailedError} */ (error).originalResponse?.getStatus() ?? 0;
}

/** @param {unknown} error @returns {Problem | LineLost} what a person can be told */
export function reasonFor(error) {
  const status = statusOf(error);
  if (status === 0) return new LineLost();
  try {
    const response = /** @type {import("tus-js-client").DetailedError} */ (error).originalResponse;
    return new Problem(status, JSON.parse(response?.getBody() ?? ""));
  } catch {
    return new Problem(status, {});
  }
}

/**
 * @param {object} film
 * @param {File} film.file
 * @param {() => Record<string, string>} film.fields asked when the film is announced
 * @param {{tusUrl: string, partBytes: number}} film.how where tus-js-client lies, and how large a part should be
 * @param {string | null} [film.address] of the upload to go on with; otherwise what this browser remembers of the file
 * @param {(sentBytes: number, totalBytes: number) => void} film.moved
 * @param {() => void} film.interrupted the line broke; it is tried again by itself
 * @param {(address: string, fields: Record<string, string> | null) => void} [film.announced] the upload that takes the film, again
 *   each time the line is back, and the words it began with; null: it began earlier, with the words of then
 * @returns {{done: Promise<string>, cancel: () => void}} the film's id; rejects with Problem, LineLost or Cancelled. What is cancelled
 *   after its last byte has come is a film all the same
 */
export function send({ file, fields, how, address = null, moved, interrupted, announced = () => {} }) {
  const fingerprint = fingerprintOf(file, fields().replaces);
  /** @type {import("tus-js-client").Upload | null} */
  let upload = null;
  let id = "";
  let isWaiting = false;
  let isCancelled = false;
  /** @type {(id: string) => void} */
  let finish = () => {};
  /** @type {(reason: Error) => void} */
  let giveUp = () => {};
  const isOver = new AbortController();

  /** @type {Promise<string>} */
  const done = new Promise((resolve, reject) => {
    finish = resolve;
    giveUp = reject;
    void begin(resolve, reject).catch(() => reject(new LineLost())); // the sender's own code did not arrive
  });
  void done.catch(() => {}).finally(() => isOver.abort());

  /** @param {(id: string) => void} resolve @param {(reason: Error) => void} reject */
  async function begin(resolve, reject) {
    await import(how.tusUrl); // a classic script: it leaves its name on the page
    if (isTokenOld) isTokenOld = !(await renewCsrfToken());
    if (isCancelled) return;
    const earlier = address ?? recall(fingerprint);
    const words = fields();
    upload = new tus.Upload(file, {
      // With an endpoint, tus-js-client begins anew after a HEAD that was refused for whatever passing reason.
      endpoint: earlier ? null : ENDPOINT,
      uploadUrl: earlier,
      metadata: { filename: file.name, ...words },
      chunkSize: how.partBytes || Number.POSITIVE_INFINITY,
      storeFingerprintForResuming: false,
      retryDelays: RETRY_DELAYS_MS,
      headers: { Accept: "application/json" },
      onBeforeRequest: (request) => {
        isWaiting = false;
        request.setHeader("X-CSRFToken", csrfToken());
      },
      onAfterResponse: (_request, response) => {
        id = response.getHeader("Matinee-Video") ?? id;
      },
      onUploadUrlAvailable: () => {
        if (!upload?.url) return;
        upload.options.endpoint = null;
        remember(fingerprint, upload.url);
        announced(upload.url, earlier ? null : words);
      },
      onShouldRetry: (error) => {
        isWaiting = PASSING.has(statusOf(error));
        if (isWaiting && !isCancelled) interrupted();
        return isWaiting;
      },
      onProgress: moved,
      onSuccess: () => {
        forget(fingerprint);
        resolve(id);
      },
      onError: (error) => void failed(error),
    });
    upload.start();

    /** @param {Error} error */
    function failed(error) {
      const status = statusOf(error);
      if (GONE.has(status)) forget(fingerprint);
      isTokenOld ||= SIGNED_OUT.has(status);
      if (GONE.has(status) && earlier && !address) void begin(resolve, reject); // what this browser remembered
      else reject(reasonFor(error));
    }
  }

  /** The line is back: nobody waits for the end of a pause that was meant for its absence. */
  const goOn = async () => {
    if (!isWaiting || isCancelled) return;
    isWaiting = false;
    await upload?.abort();
    upload?.start();
  };
  globalThis.addEventListener?.("online", () => void goOn(), { signal: isOver.signal });

  const cancel = () => {
    isCancelled = true;
    forget(fingerprint);
    const over = () => (id ? finish(id) : giveUp(new Cancelled()));
    // What has arrived goes too; where that cannot be said now, the server throws it away when its time is over. Its answer names
    // the film if the last byte was faster.
    void Promise.resolve(upload?.abort(true)).then(over, over);
    setTimeout(over, PATIENCE_MS);
  };
  return { done, cancel };
}
