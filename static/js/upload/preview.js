/** A first look at a chosen film, where the browser itself can read it: one frame, drawn from the file on this machine. */

const PATIENCE_MS = 6000;
const WIDTH_PX = 320;

/** @param {HTMLVideoElement} video @param {string} moment @returns {Promise<void>} */
function once(video, moment) {
  return new Promise((resolve, reject) => {
    video.addEventListener(moment, () => resolve(), { once: true });
    video.addEventListener("error", reject, { once: true });
    setTimeout(reject, PATIENCE_MS);
  });
}

/** @param {File} file @returns {Promise<HTMLCanvasElement | null>} */
export async function firstLook(file) {
  const address = URL.createObjectURL(file);
  const video = document.createElement("video");
  try {
    video.muted = true;
    video.preload = "auto";
    video.src = address;
    await once(video, "loadeddata");
    video.currentTime = Math.min(3, (video.duration || 0) / 4);
    await once(video, "seeked");
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH_PX;
    canvas.height = Math.round((WIDTH_PX * video.videoHeight) / (video.videoWidth || 1));
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    return canvas.height > 0 ? canvas : null;
  } catch {
    return null; // not a format this browser reads; the server may well
  } finally {
    // In this order: a video that still reads asks for the address again and again once it is gone.
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(address);
  }
}
