// @ts-check
// Splitting and joining caption cues.

/** @import { Cue } from "../shared/webvtt.js" */

/**
 * Splits a cue at a character, or near its middle if the position is at an end. Time is divided by the number of characters.
 * Returns null if one half would be empty.
 * @param {Cue} cue
 * @param {number} position
 * @returns {[Cue, Cue] | null}
 */
export function splitCue(cue, position) {
    const { start, end, text } = cue;
    const at = position > 0 && position < text.length ? position : middleSpace(text);
    if (at < 0) return null;
    const [before, after] = [text.slice(0, at).trim(), text.slice(at).trim()];
    if (!before || !after) return null;
    const boundary = Math.round(start + ((end - start) * at) / text.length);
    return [
        { start, end: boundary, text: before },
        { start: boundary, end, text: after },
    ];
}

/**
 * @param {Cue} first
 * @param {Cue} second
 * @returns {Cue}
 */
export function joinCues(first, second) {
    return { start: first.start, end: second.end, text: `${first.text} ${second.text}` };
}

// -1 without a space.
/** @param {string} text */
function middleSpace(text) {
    const following = text.indexOf(" ", text.length / 2);
    return following > 0 ? following : text.lastIndexOf(" ");
}
