/** Open <details data-menu> close on Escape, on a click outside, and when another one opens. */

/** @param {Document} page */
export function closeMenusOnLeave(page) {
  const open = () => /** @type {HTMLDetailsElement[]} */ ([...page.querySelectorAll("details[data-menu][open]")]);

  page.addEventListener("pointerdown", (event) => {
    for (const menu of open()) {
      const list = menu.querySelector(".menu__list");
      const path = event.composedPath();
      // On a phone the dimmed page belongs to the summary's own box; a tap there closes by the summary itself.
      if (!path.includes(menu) && list) menu.open = false;
    }
  });

  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });

  page.addEventListener(
    "toggle",
    (event) => {
      const opened = event.target;
      if (!(opened instanceof HTMLDetailsElement) || !opened.open || !opened.matches("[data-menu]")) return;
      for (const menu of open()) if (menu !== opened) menu.open = false;
    },
    true, // toggle does not bubble
  );
}
