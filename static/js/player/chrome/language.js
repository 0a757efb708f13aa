/** media-chrome speaks the language of the page. Before its elements, because they read their labels when they are made. */

import "../../../vendor/media-chrome/dist/lang/zh-CN.js";
import { setLanguage } from "../../../vendor/media-chrome/dist/utils/i18n.js";

setLanguage(document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en");
