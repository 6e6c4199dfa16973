// @ts-check
// WebVTT in the subset that the server writes, and timestamps as people type them.

/**
 * @typedef {object} Cue
 * @property {number} start in milliseconds
 * @property {number} end in milliseconds
 * @property {string} text without WebVTT escapes
 */

const TIMING = /^(\S+) --> (\S+)/;
/** @type {Record<string, string>} */
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/**
 * Returns no cues if the text has features that `serializeCues` would lose.
 * @param {string} vtt
 * @returns {Cue[]}
 */
export function parseCues(vtt) {
    const [header, ...blocks] = vtt.replaceAll("\r\n", "\n").trim().split(/\n\n+/);
    if (header !== "WEBVTT") return [];
    const cues = blocks.map(parseCue);
    return cues.every((cue) => cue !== null) ? cues : [];
}

/**
 * @param {string} block
 * @returns {Cue | null}
 */
function parseCue(block) {
    const [timing, ...lines] = block.split("\n");
    const match = TIMING.exec(timing);
    if (!match) return null;
    const [start, end] = [parseTimestamp(match[1]), parseTimestamp(match[2])];
    if (!Number.isFinite(start) || !Number.isFinite(end)) return null;
    return { start, end, text: unescapeText(lines.join("\n")) };
}

/** @param {Cue[]} cues */
export function serializeCues(cues) {
    const blocks = cues.map(
        ({ start, end, text }) => `${exactTimestamp(start)} --> ${exactTimestamp(end)}\n${escapeText(text)}`,
    );
    return `${["WEBVTT", ...blocks].join("\n\n")}\n`;
}

/**
 * Milliseconds of "1:02.5", "62.5" or "00:01:02.500"; NaN for anything else, which the server then reports.
 * @param {string} typed
 */
export function parseTimestamp(typed) {
    const parts = typed.trim().replace(",", ".").split(":");
    return Math.round(
        parts.reduce((sum, part) => sum * 60 + (part === "" ? Number.NaN : Number(part)), 0) * 1000,
    );
}

/**
 * Minutes, seconds and tenths, such as "1:02.5".
 * @param {number} milliseconds
 */
export function formatTimestamp(milliseconds) {
    // Rounding to tenths comes first: 59.96 s is "1:00.0", never "0:60.0".
    const tenths = Math.round(milliseconds / 100);
    return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

/**
 * Hours, minutes, seconds and milliseconds, as WebVTT requires.
 * @param {number} milliseconds
 */
export function exactTimestamp(milliseconds) {
    if (!Number.isFinite(milliseconds)) return "?"; // the server rejects this with a message
    const hours = Math.floor(milliseconds / 3_600_000);
    const minutes = Math.floor(milliseconds / 60_000) % 60;
    const seconds = (milliseconds % 60_000) / 1000;
    return `${padTwo(hours)}:${padTwo(minutes)}:${seconds.toFixed(3).padStart(6, "0")}`;
}

/** @param {number} number */
function padTwo(number) {
    return String(number).padStart(2, "0");
}

/**
 * Blank lines go: one would end the cue.
 * @param {string} text
 */
function escapeText(text) {
    const withoutBlankLines = text.trim().replace(/\n\s*\n/g, "\n");
    return withoutBlankLines.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** @param {string} text */
function unescapeText(text) {
    return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
}
