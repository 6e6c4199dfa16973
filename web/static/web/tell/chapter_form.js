// @ts-check
// Chapter form: take the player's current time, show the thumbnail of a chapter's start, add rows. The form works without it.

import { queryAll, queryElement, queryOptional } from "../shared/dom.js";
import { findTileAt, parseStoryboard, recordingFileUrl, showTile } from "../shared/storyboard.js";
import { formatTimestamp, parseTimestamp } from "../shared/webvtt.js";
import { fetchRecordingFile } from "../watch/recording_file.js";

/** @import { Tile } from "../shared/storyboard.js" */

const form = queryElement(document, "[data-chapters]", HTMLFormElement);
const rows = queryElement(form, "[data-rows]", HTMLElement);
const emptyRow = queryElement(form, "[data-empty-row]", HTMLTemplateElement);
const totalForms = queryElement(form, "[name=chapters-TOTAL_FORMS]", HTMLInputElement);
const maxForms = Number(queryElement(form, "[name=chapters-MAX_NUM_FORMS]", HTMLInputElement).value);
const addButton = queryElement(form, "[data-add]", HTMLButtonElement);
const player = queryOptional(document, "[data-player]", HTMLElement);
const video = player && queryElement(player, "video", HTMLVideoElement);
/** @type {Tile[]} */
let tiles = [];

for (const row of chapterRows()) enableTimeButton(row);
loadThumbnails();
rows.addEventListener("input", ({ target }) => {
    const row =
        target instanceof Element && target.matches("[data-moment]") ? target.closest("[data-row]") : null;
    if (row instanceof HTMLElement) showThumbnail(row);
});
addButton.addEventListener("click", addRow);
updateAddButton();

function chapterRows() {
    return queryAll(rows, "[data-row]", HTMLElement);
}

/** @param {HTMLElement} row */
function startField(row) {
    return queryElement(row, "[data-moment]", HTMLInputElement);
}

/** @param {HTMLElement} row */
function enableTimeButton(row) {
    if (!video) return;
    const button = queryElement(row, "[data-use-player-time]", HTMLButtonElement);
    button.hidden = false;
    button.addEventListener("click", () => {
        const field = startField(row);
        field.value = formatTimestamp(100 * Math.floor(10 * video.currentTime)); // rounded down: never past the end
        showThumbnail(row);
        field.focus();
    });
}

// Audio stories have no filmstrip, and so no thumbnails.
async function loadThumbnails() {
    if (!player?.querySelector("[data-filmstrip]")) return;
    const response = await fetchRecordingFile(player, "storyboard.vtt");
    if (response === null) return;
    tiles = parseStoryboard(await response.text());
    for (const row of chapterRows()) showThumbnail(row);
}

/** @param {HTMLElement} row */
function showThumbnail(row) {
    const tile = findTileAt(tiles, parseTimestamp(startField(row).value) / 1000);
    const thumbnail = queryElement(row, "[data-thumbnail]", HTMLElement);
    thumbnail.hidden = tile === null;
    if (tile && player) showTile(thumbnail, tile, recordingFileUrl(player, tile.image));
}

function addRow() {
    const index = Number(totalForms.value);
    const holder = document.createElement("div");
    holder.innerHTML = emptyRow.innerHTML.replaceAll("__prefix__", String(index));
    const row = queryElement(holder, "[data-row]", HTMLElement);
    for (const number of queryAll(row, "[data-row-number]", HTMLElement))
        number.textContent = String(index + 1);
    rows.append(row);
    totalForms.value = String(index + 1);
    enableTimeButton(row);
    queryElement(row, "select", HTMLSelectElement).focus();
    updateAddButton();
}

function updateAddButton() {
    addButton.hidden = Number(totalForms.value) >= maxForms;
}
