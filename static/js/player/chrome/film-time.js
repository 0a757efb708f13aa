/** The clock of the player: media-chrome's own, which cuts seconds off, told lengths without their rounding errors. A film of
 * 2:30 that ends at 149.999999 s by the browser's reckoning would be one of 2:29. */

import MediaTimeDisplay from "../../../vendor/media-chrome/dist/media-time-display.js";

/** To the hundredth; what is not known yet stays unknown. @param {number} seconds @returns {number} */
function exact(seconds) {
  return Number.isFinite(seconds) ? Math.round(seconds * 100) / 100 : seconds;
}

class FilmTime extends MediaTimeDisplay {
  get mediaDuration() {
    return exact(super.mediaDuration);
  }

  set mediaDuration(seconds) {
    super.mediaDuration = seconds;
  }

  get mediaCurrentTime() {
    return exact(super.mediaCurrentTime);
  }

  set mediaCurrentTime(seconds) {
    super.mediaCurrentTime = seconds;
  }
}

customElements.define("film-time", FilmTime);
