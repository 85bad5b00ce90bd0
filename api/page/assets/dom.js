// Builds elements without strings of HTML, and brings a shown tree to the state of a new one, so that only what changed is touched: focus, scroll and open parts stay.

/** @typedef {Node | string | number | null | undefined | false | readonly Child[]} Child */

/**
 * Makes an element. Attributes that are false, null or undefined are left out; true is an empty attribute.
 * @param {string} tag @param {Record<string, string | number | boolean | null | undefined>} [attributes] @param {...Child} children
 * @returns {HTMLElement}
 */
export const h = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  add(element, children);
  return element;
};

/** @param {Element} element @param {readonly Child[]} children */
const add = (element, children) => {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) add(element, child);
    else element.append(child instanceof Node ? child : String(child));
  }
};

/** An image made by a pure function, parsed as XML: nothing in it can become script. @param {string} svg @returns {Node} */
export const svgNode = (svg) => document.importNode(new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement, true);

/** @param {Node} node */
const keyOf = (node) => (node instanceof Element ? node.getAttribute('data-key') : null);

/** @param {Node} left @param {Node} right */
const same = (left, right) => left.nodeName === right.nodeName && keyOf(left) === keyOf(right);

// Set by the reader, not by the data.
const kept = new Set(['open', 'value', 'checked', 'style']);

/** @param {Element} shown @param {Element} wanted */
const patchAttributes = (shown, wanted) => {
  for (const { name } of Array.from(shown.attributes))
    if (!wanted.hasAttribute(name) && !kept.has(name) && name !== 'data-flash') shown.removeAttribute(name);
  for (const { name, value } of Array.from(wanted.attributes))
    if (shown.getAttribute(name) !== value && !(kept.has(name) && shown.isConnected)) shown.setAttribute(name, value);
};

/** Marks a figure that has just changed; the style fades it. @param {Element} cell */
const flash = (cell) => {
  cell.removeAttribute('data-flash');
  // Reading the layout restarts the animation when two changes follow closely.
  void (/** @type {HTMLElement} */ (cell).offsetWidth);
  cell.setAttribute('data-flash', '');
  setTimeout(() => cell.removeAttribute('data-flash'), 2_000);
};

/**
 * Brings the children of `shown` to those of `wanted`. Elements with data-key are matched by it and moved.
 * @param {Node} shown @param {Node} wanted @param {boolean} flashing Whether a [data-figure] whose text changed is marked.
 */
export const patch = (shown, wanted, flashing) => {
  /** @type {Map<string, Node>} */
  const keyed = new Map();
  for (const child of shown.childNodes) {
    const key = keyOf(child);
    if (key !== null) keyed.set(key, child);
  }
  let cursor = shown.firstChild;
  for (const next of Array.from(wanted.childNodes)) {
    const key = keyOf(next);
    let target = key === null ? cursor : (keyed.get(key) ?? null);
    if (target && key === null && keyOf(target) !== null) target = null;
    if (target && same(target, next)) {
      if (target === cursor) cursor = cursor.nextSibling;
      else shown.insertBefore(target, cursor);
      patchNode(target, next, flashing);
    } else {
      shown.insertBefore(next, cursor);
    }
  }
  while (cursor) {
    const gone = cursor;
    cursor = cursor.nextSibling;
    gone.parentNode?.removeChild(gone);
  }
};

/** @param {Node} shown @param {Node} wanted @param {boolean} flashing */
const patchNode = (shown, wanted, flashing) => {
  if (shown instanceof Element && wanted instanceof Element) {
    const before = shown.hasAttribute('data-figure') ? shown.textContent : null;
    patchAttributes(shown, wanted);
    patch(shown, wanted, flashing);
    if (flashing && before !== null && before !== shown.textContent) flash(shown);
  } else if (shown.nodeValue !== wanted.nodeValue) {
    shown.nodeValue = wanted.nodeValue;
  }
};
