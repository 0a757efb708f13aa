/** What a <video> has of its film, and what of it has been seen: its time ranges, read. Pure. */

/** @param {Pick<HTMLVideoElement, "buffered" | "currentTime">} video @returns {boolean} whether it has what it jumps to */
export function isBuffered({ buffered, currentTime }) {
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) <= currentTime && currentTime < buffered.end(index)) return true;
  }
  return false;
}

/** @param {Pick<HTMLVideoElement, "played">} video @returns {number} of what is open now, jumps left out */
export function playedSeconds({ played }) {
  let seconds = 0;
  for (let index = 0; index < played.length; index += 1) seconds += played.end(index) - played.start(index);
  return seconds;
}
