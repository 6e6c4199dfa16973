// @ts-check
// Makes each line of the transcript jump to its time, and marks the current line.

import { createElement, queryAll, queryElement } from "../shared/dom.js";

const video = queryElement(document, "[data-player] video", HTMLVideoElement);
const lines = queryAll(document, "[data-start-ms]:has([data-cue-text])", HTMLElement);

for (const line of lines) {
    const text = queryElement(line, "[data-cue-text]", HTMLElement);
    const button = createElement("button", { type: "button", class: "link" });
    text.replaceWith(button);
    button.append(text);
    button.addEventListener("click", () => {
        video.currentTime = startSeconds(line);
        video.play();
    });
}
video.addEventListener("timeupdate", markCurrentLine);

function markCurrentLine() {
    const current = lines.findLast((line) => startSeconds(line) <= video.currentTime);
    for (const line of lines) {
        if (line === current) line.setAttribute("aria-current", "true");
        else line.removeAttribute("aria-current");
    }
}

/** @param {HTMLElement} line */
function startSeconds(line) {
    return Number(line.dataset.startMs) / 1000;
}
