/** The page of the API: Swagger UI on our own schema. It is a classic script and stands in the window. */

import { csrfToken } from "../lib/http.js";

/** @typedef {{method?: string, url: string, headers: Record<string, string>}} AskedRequest */

/** Swagger UI's own dark look follows the theme that shows: the chosen one, else the device's. */
const device = matchMedia("(prefers-color-scheme: dark)");
function followTheme() {
  const chosen = document.documentElement.dataset.theme;
  document.documentElement.classList.toggle("dark-mode", chosen ? chosen === "dark" : device.matches);
}
followTheme();
device.addEventListener("change", followTheme);
new MutationObserver(followTheme).observe(document.documentElement, { attributeFilter: ["data-theme"] });

const { SwaggerUIBundle } = /** @type {{SwaggerUIBundle: (options: object) => void}} */ (
  /** @type {unknown} */ (globalThis)
);
const place = /** @type {HTMLElement} */ (document.getElementById("operations"));

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  /** A session's writes carry the token. @param {AskedRequest} request */
  requestInterceptor: (request) => {
    const isOurs = new URL(request.url, location.href).origin === location.origin;
    if (isOurs && request.method && !["GET", "HEAD"].includes(request.method.toUpperCase())) {
      request.headers["X-CSRFToken"] = csrfToken();
    }
    return request;
  },
});
