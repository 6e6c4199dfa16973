// @ts-check
// The loudness of an audio story over time; a click jumps to that position. Keyboards and screen readers use the
// player's own seek bar.

import { createElement, queryAll, queryElement } from "../shared/dom.js";
import { fetchRecordingFile } from "./recording_file.js";

const MIN_BAR_PERCENT = 4;
const player = queryElement(document, "[data-player]", HTMLElement);
const video = queryElement(player, "video", HTMLVideoElement);

for (const waveform of queryAll(document, "[data-waveform]", HTMLElement)) drawWaveform(waveform);

/** @param {HTMLElement} waveform */
async function drawWaveform(waveform) {
    const response = await fetchRecordingFile(player, "waveform.json");
    if (response === null) return;
    /** @type {{ seconds: number, levels: number[] }} levels are 0 to 100 */
    const { seconds, levels } = await response.json();
    const bars = levels.map((level, index) => {
        const element = createElement("span");
        element.style.height = `${Math.max(MIN_BAR_PERCENT, level)}%`;
        return { element, start: (index * seconds) / levels.length };
    });
    waveform.replaceChildren(...bars.map(({ element }) => element));
    waveform.hidden = false;
    waveform.addEventListener("click", (event) => {
        const box = waveform.getBoundingClientRect();
        video.currentTime = (seconds * (event.clientX - box.left)) / box.width;
    });
    video.addEventListener("timeupdate", () => {
        for (const { element, start } of bars) element.classList.toggle("played", start <= video.currentTime);
    });
}
