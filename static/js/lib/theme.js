/** Light, dark, or like the device. Kept in a cookie, so that the server writes it into <html> and nothing flashes. */

const YEAR_SECONDS = 31_536_000;

/** @param {Document} page @returns {string} */
function chosen(page) {
  return page.documentElement.dataset.theme ?? "auto";
}

/** @param {Document} page */
function show(page) {
  for (const button of page.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-theme-choice") === chosen(page)));
  }
}

/** @param {Document} page */
export function keepTheme(page) {
  page.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-theme-choice]") : null;
    const choice = button?.getAttribute("data-theme-choice");
    if (!choice) return;
    if (choice === "auto") delete page.documentElement.dataset.theme;
    else page.documentElement.dataset.theme = choice;
    const life = choice === "auto" ? 0 : YEAR_SECONDS;
    page.cookie = `theme=${choice}; path=/; max-age=${life}; samesite=lax`;
    show(page);
  });
  show(page);
}
