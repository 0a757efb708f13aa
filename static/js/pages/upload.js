/** The upload page: films are dropped or chosen, each gets a row, and leaving is warned about only while bytes are on the way. */

import { UploadQueue } from "../upload/queue.js";
import { UploadRow } from "../upload/row.js";
import { listUnfinished } from "../upload/unfinished.js";

const page = document.querySelector("[data-upload]");
if (page instanceof HTMLElement) begin(page);

/** @param {HTMLElement} place */
function begin(place) {
  const queue = new UploadQueue();
  const drop = /** @type {HTMLElement} */ (place.querySelector("[data-drop]"));
  const input = /** @type {HTMLInputElement} */ (place.querySelector("input[type=file]"));
  const rows = /** @type {HTMLElement} */ (place.querySelector("[data-rows]"));
  const template = /** @type {HTMLTemplateElement} */ (place.querySelector("template[data-row]"));
  const defaults = /** @type {NodeListOf<HTMLSelectElement>} */ (place.querySelectorAll("[data-default]"));
  const maxBytes = Number(place.dataset.maxBytes ?? 0);
  const how = { tusUrl: place.dataset.tus ?? "", partBytes: Number(place.dataset.partBytes ?? 0) };

  const chosen = () => Object.fromEntries([...defaults].map((one) => [one.dataset.default ?? "", one.value]));
  const add = (/** @type {File} */ file, /** @type {Record<string, string>} */ words, /** @type {string | null} */ address = null) => {
    const item = document.importNode(template.content, true);
    const row = item.querySelector("upload-row");
    rows.append(item);
    if (row instanceof UploadRow) row.begin(file, words, queue, maxBytes, how, address);
    place.toggleAttribute("data-has-rows", rows.childElementCount > 0);
  };
  const take = (/** @type {Iterable<File>} */ files) => {
    for (const file of files) add(file, chosen());
  };
  const unfinished = place.querySelector("[data-unfinished]");
  if (unfinished instanceof HTMLElement) {
    void listUnfinished(unfinished, (file, { id, title, description, category, visibility }) => {
      add(file, { title, description, category: category ?? "", visibility }, `/api/uploads/${id}/`);
    });
  }

  input.addEventListener("change", () => {
    take(input.files ?? []);
    input.value = ""; // the same file may be chosen again
  });
  listenForDrops(drop, take);
  globalThis.addEventListener("beforeunload", (event) => {
    if ([...rows.querySelectorAll("upload-row")].some((row) => row instanceof UploadRow && row.isBusy)) event.preventDefault();
  });
}

/** The whole window takes what is dropped; the zone shows it. @param {HTMLElement} zone @param {(files: Iterable<File>) => void} take */
function listenForDrops(zone, take) {
  let depth = 0;
  const carriesFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  const show = (/** @type {number} */ change) => {
    depth = Math.max(0, depth + change);
    zone.toggleAttribute("data-over", depth > 0);
  };
  document.addEventListener("dragenter", (event) => carriesFiles(event) && show(1));
  document.addEventListener("dragleave", (event) => carriesFiles(event) && show(-1));
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(-depth);
    take(event.dataTransfer?.files ?? []);
  });
}
