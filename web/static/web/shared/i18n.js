// @ts-check
// Translation through Django's JavaScriptCatalog. Without a catalogue every function returns the English source text.
// `makemessages` finds strings by these function names.

/**
 * @param {string} message
 * @returns {string}
 */
export function gettext(message) {
    return globalThis.gettext ? globalThis.gettext(message) : message;
}

/**
 * @param {string} singular
 * @param {string} plural
 * @param {number} count
 * @returns {string}
 */
export function ngettext(singular, plural, count) {
    if (globalThis.ngettext) return globalThis.ngettext(singular, plural, count);
    return count === 1 ? singular : plural;
}

/**
 * Replaces `%(name)s` in a translated message. Unknown names stay as they are, so that a faulty translation is visible.
 * @param {string} message
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function interpolate(message, values) {
    return message.replace(/%\((\w+)\)s/g, (placeholder, name) => String(values[name] ?? placeholder));
}
