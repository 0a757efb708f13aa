/** Every section of the owner's panel. */

import "./captions.js";
import "./chapters.js";
import "./file.js";
import "./making.js";
import "./poster.js";
