/** What every page does: menus close when one leaves them, and the chosen appearance is remembered. */

import { keepTheme } from "../lib/theme.js";
import { closeMenusOnLeave } from "../lib/menus.js";

for (const element of document.querySelectorAll("[data-needs-scripts]")) element.removeAttribute("hidden");
closeMenusOnLeave(document);
keepTheme(document);
