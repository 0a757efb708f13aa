// The admin's page of one video: the same player as everywhere.
import "../player/chrome/elements.js";
import "../player/element.js";
