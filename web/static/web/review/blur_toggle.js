// @ts-check
// Blur, greyscale and mute protect reviewers. They are on until switched off; the choice is stored in this browser.

import { queryAll, queryElement, requiredData } from "../shared/dom.js";

/** @typedef {"blur" | "grey" | "mute"} Protection */

const STORAGE_KEY = "sameboat.review.protections";
const player = queryElement(document, "[data-player]", HTMLElement);
const video = queryElement(player, "video", HTMLVideoElement);
const buttons = queryAll(player, "[data-protection]", HTMLButtonElement);
/** @type {Record<Protection, boolean>} */
const isOn = { blur: true, grey: true, mute: true, ...loadChoice() };

queryElement(player, "[data-protections]", HTMLElement).hidden = false;
for (const button of buttons) button.addEventListener("click", () => toggle(protectionOf(button)));
render();

/** @param {HTMLElement} button */
function protectionOf(button) {
    return /** @type {Protection} */ (requiredData(button, "protection"));
}

/** @param {Protection} protection */
function toggle(protection) {
    isOn[protection] = !isOn[protection];
    try {
        localStorage.setItem(STORAGE_KEY, JSON.stringify(isOn));
    } catch {
        // Storage is disabled: the choice lasts for this page.
    }
    render();
}

function render() {
    player.classList.toggle("is-blurred", isOn.blur);
    player.classList.toggle("is-greyscale", isOn.grey);
    video.muted = isOn.mute;
    for (const button of buttons) button.setAttribute("aria-pressed", String(isOn[protectionOf(button)]));
}

/** @returns {Partial<Record<Protection, boolean>>} */
function loadChoice() {
    try {
        return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    } catch {
        return {};
    }
}
