// @ts-check
// Typed element look-ups that fail with a clear message when a template and its script disagree.

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
export function queryElement(root, selector, type) {
    const element = root.querySelector(selector);
    if (element instanceof type) return element;
    throw new Error(`no ${type.name} matches ${selector}`);
}

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T | null}
 */
export function queryOptional(root, selector, type) {
    const element = root.querySelector(selector);
    return element instanceof type ? element : null;
}

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T[]}
 */
export function queryAll(root, selector, type) {
    const isOfType = (/** @type {Element} */ element) => element instanceof type;
    return /** @type {T[]} */ ([...root.querySelectorAll(selector)].filter(isOfType));
}

/**
 * @param {HTMLElement} element
 * @param {string} name in camel case, as in `dataset`
 * @returns {string}
 */
export function requiredData(element, name) {
    const value = element.dataset[name];
    if (value === undefined) throw new Error(`the element has no data attribute ${name}`);
    return value;
}

/**
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} [children]
 */
export function createElement(name, attributes = {}, children = []) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
}

/** The CSRF token of any form on the page; empty on a page without forms and outside a browser. */
export function csrfToken() {
    const field = globalThis.document?.querySelector("[name=csrfmiddlewaretoken]");
    return field?.getAttribute("value") ?? "";
}
