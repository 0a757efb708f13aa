/** Keys of the player, wherever the focus is on the page, except in fields and on things that use keys themselves. */

import { commandFor } from "./keys.js";

const FIELDS = "input:not([type=range]), textarea, select, [contenteditable]";
const CONTROLS = "button, a, summary, input, select, textarea, [role=menuitemradio], [role=menuitem], [role=menu], [role=slider]";

/** @param {Event} event @returns {Element | null} the innermost element, through shadow roots */
function innermost(event) {
  const target = event.composedPath()[0];
  return target instanceof Element ? target : null;
}

/** Whether the thing or one of its hosts matches. @param {Event} event @param {string} selector @returns {boolean} */
function isOn(event, selector) {
  return event.composedPath().some((one) => one instanceof Element && one.matches(selector));
}

/**
 * @param {HTMLElement} player
 * @param {(command: import("./keys.js").Command) => void} obey
 * @param {HTMLElement} list the dialog that names the keys
 * @param {AbortSignal} signal
 */
export function listenForKeys(player, obey, list, signal) {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const focus = innermost(event);
      const command = commandFor({
        key: event.key,
        hasModifier: event.ctrlKey || event.altKey || event.metaKey,
        isInPlayer: player.contains(event.target instanceof Node ? event.target : null),
        isOnControl: focus !== null && isOn(event, CONTROLS) && !isOn(event, "video"),
        isTyping: isOn(event, FIELDS),
      });
      if (!command) return;
      event.preventDefault();
      if (command === "keys" && list instanceof HTMLDialogElement) list.showModal();
      else obey(command);
    },
    { signal },
  );
  list.addEventListener("click", (event) => {
    if (event.target === list && list instanceof HTMLDialogElement) list.close(); // a click beside it
  });
}
