/** The picture that the server makes of a film that has arrived. */

import { getJson } from "../lib/http.js";

const PAUSES_MS = [500, 1000, 1000, 2000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 60_000];

/**
 * Asks until there is one; not for ever, for some films have none.
 * @param {string} id of the film @param {() => boolean} isWanted asked before each look
 * @returns {Promise<HTMLImageElement | null>} loaded
 */
export async function serversPicture(id, isWanted) {
  for (const pause of PAUSES_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (!isWanted()) return null;
    try {
      const { poster } = await getJson(`/api/videos/${id}/`);
      if (!poster) continue;
      const picture = new Image();
      picture.alt = "";
      picture.src = poster;
      await picture.decode();
      return picture;
    } catch {
      // The server is away for a moment, or the picture was just replaced: the next look tells.
    }
  }
  return null;
}
