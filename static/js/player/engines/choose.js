/** hls.js wherever it runs; the browser's own HLS only elsewhere: some browsers claim HLS and offer no choice of quality. */

import { HlsEngine } from "./hls.js";
import { NativeEngine } from "./native.js";

/**
 * @param {object} parts
 * @param {HTMLVideoElement} parts.video
 * @param {import("../grants.js").GrantKeeper} parts.grants
 * @param {(news: EngineNews) => void} parts.tell
 * @param {{light: string, whole: string}} parts.hlsUrls where hls.js lies: without and with choices of sound
 * @param {boolean} parts.hasSounds whether sound has playlists of its own
 * @param {() => boolean} parts.isWanted asked before there is one: the last that is made has the <video>
 * @returns {Promise<Engine | null>} null: nobody wants it any more
 */
export async function chooseEngine({ video, grants, tell, hlsUrls, hasSounds, isWanted }) {
  if ("MediaSource" in globalThis || "ManagedMediaSource" in globalThis) {
    const module = /** @type {HlsModule} */ (await import(hasSounds ? hlsUrls.whole : hlsUrls.light));
    if (!isWanted()) return null;
    if (module.default.isSupported()) {
      // Managed Media Source (iPhones) demands it.
      if (!("MediaSource" in globalThis)) video.disableRemotePlayback = true;
      return new HlsEngine(module, video, grants, tell);
    }
  }
  return new NativeEngine(video, grants, tell);
}
