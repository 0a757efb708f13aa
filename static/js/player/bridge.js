/** Keeps the picture on the screen while another source is opened under it: a <video> that is given a new source is black until
 * its first frame is there. */

const LONGEST_MS = 3000;

/** @param {HTMLVideoElement} video @param {AbortSignal} [signal] takes it away at once */
export function bridge(video, signal) {
  if (video.readyState < 2 || !video.videoWidth) return;
  const still = document.createElement("canvas");
  still.className = "player__bridge";
  still.slot = "poster"; // over the film, under the controls
  still.width = video.videoWidth;
  still.height = video.videoHeight;
  still.getContext("2d")?.drawImage(video, 0, 0);
  video.after(still);
  const gone = new AbortController();
  const remove = () => {
    gone.abort();
    clearTimeout(timer);
    still.remove();
  };
  const timer = setTimeout(remove, LONGEST_MS);
  // Shown is what was decoded after the jump to the same second; "loadeddata" still belongs to the film's begin.
  for (const moment of ["seeked", "playing", "error"]) video.addEventListener(moment, remove, { signal: gone.signal });
  signal?.addEventListener("abort", remove, { signal: gone.signal });
}
