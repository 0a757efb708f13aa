/** The admin's page of one video: the same player as everywhere. */

import "../player/element.js";
