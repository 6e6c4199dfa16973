// @ts-check
// Edits captions cue by cue beside the player. Without it the same form shows them as one text.

import { queryAll, queryElement, queryOptional } from "../shared/dom.js";
import { gettext, interpolate } from "../shared/i18n.js";
import { formatTimestamp, parseCues, parseTimestamp, serializeCues } from "../shared/webvtt.js";
import { joinCues, splitCue } from "./cue_editing.js";

/** @import { Cue } from "../shared/webvtt.js" */

const form = queryElement(document, "[data-caption-editor]", HTMLFormElement);
const field = queryElement(form, "[data-vtt]", HTMLTextAreaElement);
const list = queryElement(form, "[data-cues]", HTMLElement);
const template = queryElement(form, "template[data-cue-template]", HTMLTemplateElement);
const liveRegion = queryElement(form, "[data-live]", HTMLElement);
const video = queryOptional(document, "[data-player] video", HTMLVideoElement);
const readOnly = "readonly" in form.dataset;
/** @type {number | null} where playback of one cue stops, in seconds */
let stopAt = null;

const cues = parseCues(field.value);
if (cues.length > 0) {
    list.append(...cues.map(createRow));
    queryElement(form, "[data-plain-text]", HTMLElement).hidden = true;
    list.hidden = false;
    form.addEventListener("submit", () => {
        field.value = serializeCues(cueRows().map(readCue));
    });
    video?.addEventListener("timeupdate", () => followPlayback(video));
}

function cueRows() {
    return queryAll(list, "[data-cue]", HTMLElement);
}

/** @param {HTMLElement} row */
function rowFields(row) {
    return {
        start: queryElement(row, "[data-start]", HTMLInputElement),
        end: queryElement(row, "[data-end]", HTMLInputElement),
        text: queryElement(row, "[data-cue-text]", HTMLTextAreaElement),
    };
}

/** @param {Cue} cue */
function createRow(cue) {
    const row = queryElement(
        /** @type {DocumentFragment} */ (template.content.cloneNode(true)),
        "[data-cue]",
        HTMLElement,
    );
    const { start, end, text } = rowFields(row);
    const startTime = formatTimestamp(cue.start);
    start.value = startTime;
    end.value = formatTimestamp(cue.end);
    text.value = cue.text;
    text.setAttribute("aria-label", interpolate(gettext("Caption line at %(time)s"), { time: startTime }));
    for (const input of [start, end, text]) input.readOnly = readOnly;
    Object.assign(row.dataset, { startMs: cue.start, endMs: cue.end });
    connectPlayButton(row, start);
    for (const [name, edit] of Object.entries({
        split: splitRow,
        join: joinWithNextRow,
        remove: removeRow,
    })) {
        const button = queryElement(row, `[data-${name}]`, HTMLButtonElement);
        button.hidden = readOnly;
        button.addEventListener("click", () => edit(row));
    }
    text.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.ctrlKey) playCue(row);
    });
    return row;
}

/**
 * @param {HTMLElement} row
 * @param {HTMLInputElement} start
 */
function connectPlayButton(row, start) {
    const button = queryElement(row, "[data-play]", HTMLButtonElement);
    const updateLabel = () => {
        button.textContent = interpolate(gettext("Play from %(time)s"), { time: start.value });
    };
    updateLabel();
    button.hidden = !video;
    button.addEventListener("click", () => playCue(row));
    start.addEventListener("change", updateLabel);
}

/**
 * @param {HTMLElement} row
 * @returns {Cue}
 */
function readCue(row) {
    const { start, end, text } = rowFields(row);
    return {
        start: parseEdited(start.value, Number(row.dataset.startMs)),
        end: parseEdited(end.value, Number(row.dataset.endMs)),
        text: text.value,
    };
}

// Fields show tenths of a second; a time that was not edited keeps its milliseconds.
/**
 * @param {string} typed
 * @param {number} originalMs
 */
function parseEdited(typed, originalMs) {
    return typed === formatTimestamp(originalMs) ? originalMs : parseTimestamp(typed);
}

/** @param {HTMLElement} row */
function playCue(row) {
    if (!video) return;
    const { start, end } = readCue(row);
    video.currentTime = start / 1000;
    stopAt = end / 1000;
    video.play();
}

/** @param {HTMLVideoElement} player */
function followPlayback(player) {
    if (stopAt !== null && player.currentTime >= stopAt) {
        stopAt = null;
        player.pause();
    }
    const now = player.currentTime * 1000;
    for (const row of cueRows()) {
        const { start, end } = readCue(row);
        row.toggleAttribute("data-current", start <= now && now < end);
    }
}

/** @param {HTMLElement} row */
function splitRow(row) {
    const halves = splitCue(readCue(row), rowFields(row).text.selectionStart);
    if (!halves) return announce(gettext("This line is too short to split."));
    const [first, second] = halves.map(createRow);
    row.replaceWith(first, second);
    rowFields(second).text.focus();
    announce(gettext("Line split in two."));
}

/** @param {HTMLElement} row */
function joinWithNextRow(row) {
    const next = row.nextElementSibling;
    if (!(next instanceof HTMLElement)) return announce(gettext("This is the last line."));
    const joined = createRow(joinCues(readCue(row), readCue(next)));
    next.remove();
    row.replaceWith(joined);
    rowFields(joined).text.focus();
    announce(gettext("Joined with the next line."));
}

/** @param {HTMLElement} row */
function removeRow(row) {
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    if (!(neighbour instanceof HTMLElement)) return announce(gettext("At least one line is needed."));
    row.remove();
    rowFields(neighbour).text.focus();
    announce(gettext("Line removed."));
}

/** @param {string} message */
function announce(message) {
    liveRegion.textContent = message;
}
