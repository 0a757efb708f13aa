/** hls.js wherever it runs; the browser's own HLS only elsewhere: some browsers claim HLS and offer no choice of quality. */

import { HlsEngine } from "./hls.js";
import { NativeEngine } from "./native.js";

/**
 * @param {object} parts
 * @param {HTMLVideoElement} parts.video
 * @param {import("../grants.js").GrantKeeper} parts.grants
 * @param {(news: EngineNews) => void} parts.tell
 * @param {string} parts.hlsUrl where hls.js lies
 * @returns {Promise<Engine>}
 */
export async function chooseEngine({ video, grants, tell, hlsUrl }) {
  if ("MediaSource" in globalThis || "ManagedMediaSource" in globalThis) {
    const module = /** @type {HlsModule} */ (await import(hlsUrl));
    if (module.default.isSupported()) {
      // Managed Media Source (iPhones) demands it.
      if (!("MediaSource" in globalThis)) video.disableRemotePlayback = true;
      return new HlsEngine(module, video, grants, tell);
    }
  }
  return new NativeEngine(video, grants, tell);
}
