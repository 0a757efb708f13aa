/** The live state of one item: whole snapshots over a socket, and the same from the API while the socket is away. */

import { backoffMs } from "./backoff.js";
import { getJson, Problem } from "./http.js";

const POLL_MS = 2500;
// A socket that dies sooner than this never really worked; the next try waits longer.
const STEADY_MS = 10_000;
// Withdrawn, rejected, deleted or made private while we looked. (Who may not look at all gets no handshake, and polls.)
const GONE = 4403;

/**
 * Reports each new snapshot until the returned function is called, or until nobody may know of the item any more.
 * @param {string} id public id of the item
 * @param {(snapshot: VideoSnapshot) => void} report
 * @param {() => void} [gone] the item is no longer there for this viewer
 * @returns {() => void} stops
 */
export function followVideo(id, report, gone = () => {}) {
  let stopped = false;
  let attempt = 0;
  let seq = -1;
  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    socket?.close();
  };

  const poll = async () => {
    try {
      const [video, progress] = await Promise.all([
        getJson(`/api/videos/${id}/`),
        getJson(`/api/videos/${id}/progress/`),
      ]);
      if (!stopped) report({ ...video, version: video.version ?? null, progress });
    } catch (error) {
      if (error instanceof Problem && error.status === 404) {
        stop();
        gone();
      }
    }
  };

  const connect = () => {
    const opened = Date.now();
    socket = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws/v1/videos/${id}/`);
    socket.onmessage = (event) => {
      const snapshot = JSON.parse(event.data);
      if (snapshot.type !== "video" || snapshot.seq <= seq) return;
      seq = snapshot.seq;
      attempt = 0;
      report(snapshot);
    };
    socket.onclose = (event) => {
      socket = null;
      if (stopped) return;
      if (event.code === GONE) {
        stop();
        gone();
        return;
      }
      attempt = Date.now() - opened > STEADY_MS ? 0 : attempt + 1;
      seq = -1; // a new connection counts anew
      bridge(backoffMs(attempt, { mostMs: 30_000 }));
    };
  };

  /** Polls until it is time to try the socket again. @param {number} waitMs */
  const bridge = (waitMs) => {
    if (stopped) return;
    if (waitMs <= 0) {
      connect();
      return;
    }
    timer = setTimeout(async () => {
      await poll();
      bridge(waitMs - POLL_MS);
    }, Math.min(POLL_MS, waitMs));
  };

  connect();
  return stop;
}
