/**
 * The media-chrome elements that our player is built of; the player loads them when the film is on its way. The order of the
 * first two lines matters: styles and words are prepared before the elements come.
 */

import "./shadow-styles.js";
import "./language.js";
import "../../../vendor/media-chrome/dist/media-controller.js";
import "../../../vendor/media-chrome/dist/media-play-button.js";
import "../../../vendor/media-chrome/dist/media-mute-button.js";
import "../../../vendor/media-chrome/dist/media-volume-range.js";
import "../../../vendor/media-chrome/dist/media-time-range.js";
import "./film-time.js";
import "../../../vendor/media-chrome/dist/media-captions-button.js";
import "../../../vendor/media-chrome/dist/media-pip-button.js";
import "../../../vendor/media-chrome/dist/media-fullscreen-button.js";
import "../../../vendor/media-chrome/dist/menu/media-settings-menu.js";
import "../../../vendor/media-chrome/dist/menu/media-settings-menu-item.js";
import "../../../vendor/media-chrome/dist/menu/media-settings-menu-button.js";
import "../../../vendor/media-chrome/dist/menu/media-rendition-menu.js";
import "../../../vendor/media-chrome/dist/menu/media-playback-rate-menu.js";
import "../../../vendor/media-chrome/dist/menu/media-captions-menu.js";
import "../../../vendor/media-chrome/dist/menu/media-audio-track-menu.js";
import "../../../vendor/media-chrome/dist/menu/media-chrome-menu-item.js";
