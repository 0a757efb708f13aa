/**
 * media-chrome writes its styles as <style> into shadow roots, which our policy (style-src 'self') forbids. Loaded before it,
 * this hands the same rules over as adopted sheets, which the policy allows, and leaves each <style> empty: media-chrome
 * writes its moving rules (a bar's width) into that one through the object model. The adopted rules lie in a cascade layer,
 * so the moving ones win over them, as they do without us. The policy carries the hash of the empty style, nothing else.
 */

/** @type {Map<string, CSSStyleSheet>} */
const sheets = new Map();

/** @param {string} text @param {string} media @returns {CSSStyleSheet} */
function sheetFor(text, media) {
  const key = `${media}|${text}`;
  let sheet = sheets.get(key);
  if (!sheet) {
    sheet = new CSSStyleSheet({ media });
    sheet.replaceSync(`@layer shipped {${text}}`);
    sheets.set(key, sheet);
  }
  return sheet;
}

/** @param {ShadowRoot} root @param {string} html */
function write(root, html) {
  const template = document.createElement("template"); // inert: nothing in it is judged by the policy
  template.innerHTML = html;
  // Nested elements fill their own roots when they are upgraded.
  for (const nested of template.content.querySelectorAll("template[shadowrootmode]")) nested.remove();
  const adopted = [];
  for (const style of template.content.querySelectorAll("style")) {
    adopted.push(sheetFor(style.textContent ?? "", style.media));
    style.textContent = "";
  }
  root.adoptedStyleSheets = adopted;
  root.replaceChildren(document.importNode(template.content, true));
}

const inherited = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, "innerHTML");

Object.defineProperty(ShadowRoot.prototype, "innerHTML", {
  configurable: true,
  get() {
    return inherited?.get?.call(this);
  },
  set(html) {
    write(this, html);
  },
});

if ("setHTMLUnsafe" in ShadowRoot.prototype) {
  ShadowRoot.prototype.setHTMLUnsafe = function setHTMLUnsafe(/** @type {string} */ html) {
    write(this, html);
  };
}
