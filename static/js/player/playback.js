/** Asks where an item's streams are and sorts the answer into the few cases a player knows. */

import { ask, Problem } from "../lib/http.js";
import { lifeMs } from "./grants.js";

/**
 * @typedef {{kind: "playable", playback: Playback, lifeMs: number}
 *   | {kind: "making", progress: Progress | null}
 *   | {kind: "refused", code: string, detail: string}
 *   | {kind: "unreachable"}} PlaybackAnswer
 */

/** @param {string} url @returns {Promise<PlaybackAnswer>} */
export async function askForPlayback(url) {
  try {
    // No header of our own: the page has asked the same already (a preload), and only an equal request finds that answer.
    const response = await ask(url, { headers: {} });
    const playback = /** @type {Playback} */ (await response.json());
    return { kind: "playable", playback, lifeMs: lifeMs(playback.expires_at, response.headers.get("Date"), Date.now()) };
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.status === 429) return { kind: "unreachable" };
    if (error.code === "not_ready") return { kind: "making", progress: error.body.progress ?? null };
    const reason = error.body.progress?.error;
    const isStopped = error.code === "failed" && reason?.code.startsWith("cancelled");
    return { kind: "refused", code: isStopped ? "stopped" : error.code, detail: reason?.message ?? error.message };
  }
}
