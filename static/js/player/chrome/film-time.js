/** The clock of the player: media-chrome's own, which cuts seconds off, told lengths without their rounding errors. */

import MediaTimeDisplay from "../../../vendor/media-chrome/dist/media-time-display.js";
import { exactSeconds } from "../../lib/clock.js";

class FilmTime extends MediaTimeDisplay {
  get mediaDuration() {
    return exactSeconds(super.mediaDuration);
  }

  set mediaDuration(seconds) {
    super.mediaDuration = seconds;
  }

  get mediaCurrentTime() {
    return exactSeconds(super.mediaCurrentTime);
  }

  set mediaCurrentTime(seconds) {
    super.mediaCurrentTime = seconds;
  }
}

customElements.define("film-time", FilmTime);
