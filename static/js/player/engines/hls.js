/** Plays HLS through Media Source Extensions with hls.js. Every request goes out under the grant that lives now. */

import { lengthen } from "../growing.js";

const FRAGMENT_TRIES = 3;
// Several faults of the decoder in a minute mean that the film itself is broken here.
const RECOVERIES = 3;
const RECOVERY_WINDOW_MS = 60_000;

/** @implements {Engine} */
export class HlsEngine {
  /** @type {HlsPlayer} */
  #hls;
  #Hls;
  #tell;
  /** @type {number[]} */
  #recoveries = [];
  #source = "";
  #lineLost = false;
  #hasLevels = false;
  /** @type {MediaSource | null} */
  #mediaSource = null;
  /** Of a film that grows, how long it is going to be. */
  #lengthSeconds = 0;

  /**
   * @param {HlsModule} module hls.js
   * @param {HTMLVideoElement} video
   * @param {import("../grants.js").GrantKeeper} grants
   * @param {(news: EngineNews) => void} tell
   */
  constructor(module, video, grants, tell) {
    this.#Hls = module.default;
    this.#tell = tell;
    this.#hls = new this.#Hls(configuration(grants));
    this.#hls.attachMedia(video);
    const { Events } = this.#Hls;
    this.#hls.on(Events.MEDIA_ATTACHED, (_event, { mediaSource }) => {
      this.#mediaSource = mediaSource ?? null;
      this.#lengthen();
    });
    for (const news of [Events.LEVEL_UPDATED, Events.FRAG_BUFFERED]) this.#hls.on(news, () => this.#lengthen());
    this.#hls.on(Events.MANIFEST_PARSED, () => {
      this.#hasLevels = true;
      this.#tell({ kind: "ready" });
      this.#tell({ kind: "rungs" });
    });
    this.#hls.on(Events.LEVEL_SWITCHED, () => this.#tell({ kind: "rungs" }));
    for (const news of [Events.AUDIO_TRACKS_UPDATED, Events.AUDIO_TRACK_SWITCHED]) {
      if (news) this.#hls.on(news, () => this.#tell({ kind: "sounds" })); // the light build has none
    }
    this.#hls.on(Events.FRAG_LOADED, () => this.#lineIsBack());
    this.#hls.on(Events.ERROR, (_event, error) => this.#judge(error, grants));
  }

  get rungs() {
    return this.#hls.levels.map(({ width, height, bitrate }) => ({ width, height, bitrate }));
  }

  get playingRung() {
    return this.#hls.currentLevel;
  }

  get sounds() {
    return (this.#hls.audioTracks ?? []).map(({ url }) => labelOf(url));
  }

  get playingSound() {
    return this.#hls.audioTrack ?? -1;
  }

  get madeSeconds() {
    const details = this.#lengthSeconds ? this.#hls.latestLevelDetails : null;
    return details?.live ? details.edge : null;
  }

  /** @param {Playback} playback @param {number} startSeconds */
  open(playback, startSeconds) {
    this.#source = playback.hls;
    this.#lengthSeconds = playback.is_growing ? playback.duration_seconds : 0;
    this.#hasLevels = false;
    this.#hls.config.startPosition = startSeconds;
    this.#hls.loadSource(playback.hls);
  }

  /** @param {number} index */
  chooseRung(index) {
    this.#hls.nextLevel = index; // keeps the picture while the next segments come
  }

  /** @param {number} index */
  chooseSound(index) {
    if (index >= 0 && index !== this.#hls.audioTrack) this.#hls.audioTrack = index;
  }

  resume() {
    if (this.#hasLevels) this.#hls.startLoad();
    else this.#hls.loadSource(this.#source);
  }

  close() {
    this.#hls.destroy();
  }

  /** @param {HlsErrorData} error @param {import("../grants.js").GrantKeeper} grants */
  #judge(error, grants) {
    const status = error.response?.code ?? 0;
    if (status === 403) void grants.renewNow();
    if (!error.fatal) return;
    const { ErrorTypes } = this.#Hls;
    if (error.type === ErrorTypes.NETWORK_ERROR) {
      if (status === 403 || status === 404 || status === 410) {
        this.#tell({ kind: "refused" });
        return;
      }
      this.#lineLost = true;
      this.#tell({ kind: "line-lost" });
      return;
    }
    if (error.type === ErrorTypes.MEDIA_ERROR && this.#mayRecover()) {
      this.#hls.recoverMediaError();
      return;
    }
    this.#tell({ kind: "broken", detail: `${error.type}: ${error.details}` });
  }

  #mayRecover() {
    const now = Date.now();
    this.#recoveries = this.#recoveries.filter((at) => now - at < RECOVERY_WINDOW_MS);
    this.#recoveries.push(now);
    return this.#recoveries.length <= RECOVERIES;
  }

  #lengthen() {
    const isWhole = this.#hls.latestLevelDetails?.live === false; // and ends where its last frame does
    if (this.#lengthSeconds && !isWhole) lengthen(this.#mediaSource, this.#lengthSeconds);
  }

  #lineIsBack() {
    if (!this.#lineLost) return;
    this.#lineLost = false;
    this.#tell({ kind: "line-back" });
  }
}

/** "sound-1" of ".../sound-1.m3u8". @param {string} url @returns {string} */
function labelOf(url) {
  return (url.split("/").at(-1) ?? "").replace(/\..*$/, "");
}

/** @param {import("../grants.js").GrantKeeper} grants @returns {HlsConfig} */
function configuration(grants) {
  /** @type {HlsRetryConfig} */
  const again = {
    maxNumRetry: FRAGMENT_TRIES,
    retryDelayMs: 500,
    maxRetryDelayMs: 4000,
    // A 403 is a grant that ran out: its renewal is under way, and the next try waits for it.
    shouldRetry: (config, count, _isTimeout, response, wouldRetry) =>
      wouldRetry || (response?.code === 403 && (config?.maxNumRetry ?? 0) > count),
  };
  const load = {
    default: { maxTimeToFirstByteMs: 10_000, maxLoadTimeMs: 60_000, timeoutRetry: again, errorRetry: again },
  };
  return {
    enableWorker: false, // fragmented MP4 needs no demuxing
    autoStartLoad: true,
    capLevelToPlayerSize: true,
    maxBufferLength: 30,
    backBufferLength: 60,
    manifestLoadPolicy: load,
    playlistLoadPolicy: load,
    fragLoadPolicy: load,
    xhrSetup: async (request, address) => {
      request.open("GET", await grants.current(address), true);
    },
  };
}
