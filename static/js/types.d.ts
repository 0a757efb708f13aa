/** Shapes that travel between the API and the pages. Ambient, so that modules need no import for a type. */

interface Window {
  django?: Catalogue;
}

/** What Django's JavaScript catalogue leaves on the page. */
interface Catalogue {
  gettext?(text: string): string;
  ngettext?(one: string, many: string, count: number): string;
}

declare var django: Catalogue | undefined;

interface FileAddress {
  height: number;
  url: string;
  bytes: number;
}

interface CaptionAddress {
  url: string;
  language: string;
  label: string;
  is_default: boolean;
  is_forced: boolean;
}

interface ChapterStart {
  start_seconds: number;
  title: string;
}

/** A sound track to choose; of several, `<label>.m3u8` is its playlist. */
interface SoundChoice {
  label: string;
  /** BCP 47, or empty. */
  language: string;
  title: string;
  is_default: boolean;
  loudness: { integrated_lufs: number; true_peak_dbtp: number; gain_db: number } | null;
}

/** `…/playback/`; instants are ISO 8601. */
interface Playback {
  hls: string;
  hls_ts: string;
  mp4: FileAddress[];
  sounds: SoundChoice[];
  poster: string | null;
  storyboard: string | null;
  captions: CaptionAddress[];
  chapters: ChapterStart[];
  words_revision: number;
  duration_seconds: number;
  position_seconds: number;
  version: number;
  /** Its end is still to come. */
  is_growing: boolean;
  expires_at: string;
}

/** `…/progress/`: how an item is being made. */
interface Progress {
  state: "queued" | "running" | "paused" | "done" | "failed" | "cancelled";
  stage: string;
  percent: number;
  seconds_left: number | null;
  queue_place: number | null;
  rungs: { label: string; percent: number }[];
  error: { code: string; message: string } | null;
  waits_for?: { code: string; message: string } | null;
  job: JobReference | null;
}

/** What makes an item; the commands of /api/jobs/<id>/ are for it. */
interface JobReference {
  id: string;
  state: Progress["state"];
  /** Whether another attempt may end better. */
  may_help: boolean;
  /** Without what it makes nobody can watch the item to its end. */
  is_needed: boolean;
}

/** `/api/jobs/<id>/`, as far as pages read it. */
interface FullJob extends Omit<JobReference, "is_needed"> {
  commands: string[];
  retry_rungs: string[];
  steps: JobStep[];
}

interface JobStep {
  name: string;
  title: string;
  state: string;
  is_optional: boolean;
  attempts: number;
  percent: number;
  seconds: number | null;
  log: JobLogEntry[];
}

interface JobLogEntry {
  attempt: number;
  command: string;
  seconds: number | null;
  max_rss_bytes: number | null;
  stderr: string;
  error: { code: string; message: string } | null;
  detail: string;
}

/** A whole snapshot of an item, from the socket or put together from the API. */
interface VideoSnapshot {
  status: number;
  audit_status: number;
  version: number | null;
  clicks: number;
  words_revision: number;
  progress: Progress;
}

/** RFC 9457, with the members that ours carry. */
interface ProblemBody {
  title?: string;
  detail?: string;
  code?: string;
  errors?: Record<string, string[]>;
  progress?: Progress;
}

/** tus-js-client, once its script has run. */
declare var tus: typeof import("tus-js-client");

type HlsModule = typeof import("hls.js");
type HlsPlayer = import("hls.js").default;
type HlsConfig = Partial<import("hls.js").HlsConfig>;
type HlsRetryConfig = import("hls.js").RetryConfig;
type HlsErrorData = import("hls.js").ErrorData;

/** What an engine tells the player: it waits for bytes, it lost the line, it plays again, or it cannot. */
type EngineNews =
  | { kind: "ready" }
  | { kind: "rungs" }
  | { kind: "sounds" }
  | { kind: "line-lost" }
  | { kind: "line-back" }
  | { kind: "refused" }
  | { kind: "broken"; detail: string };

/** One way of playing. Requests go in; what became of them is read from the <video> and from news. */
interface Engine {
  readonly rungs: RungChoice[];
  /** Index into `rungs` that is playing, or -1. */
  readonly playingRung: number;
  open(playback: Playback, startSeconds: number): void;
  /** How much there is of a film that grows; null for one that is whole. */
  readonly madeSeconds: number | null;
  /** -1: choose by the line. */
  chooseRung(index: number): void;
  /** Labels of the tracks that can be chosen; none where there is one. */
  readonly sounds: string[];
  /** Index into `sounds` that is heard, or -1. */
  readonly playingSound: number;
  chooseSound(index: number): void;
  /** Try again now: the line is said to be back. */
  resume(): void;
  close(): void;
}

interface RungChoice {
  width: number;
  height: number;
  bitrate: number;
}
