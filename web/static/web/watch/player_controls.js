// @ts-check
// Replaces the browser's controls with media-chrome: play, seek with thumbnails and chapters, captions, volume, full screen.
// The browser's controls stay if media-chrome did not load.

import { createElement, queryAll, queryElement, queryOptional } from "../shared/dom.js";
import { recordingFileUrl } from "../shared/storyboard.js";
import { exactTimestamp } from "../shared/webvtt.js";
import { translatePlayerLabels } from "./player_labels.js";

const CAPTION_LINE = -3; // lines from the lower edge, clear of it

/** @param {HTMLElement} player */
export function replaceNativeControls(player) {
    const video = queryElement(player, "video", HTMLVideoElement);
    if (!video.controls || !customElements.get("media-controller")) return;
    const shell = createElement("div", { class: "player-shell", id: "player-shell" });
    video.before(shell);
    addChapterTrack(video, Number(player.dataset.seconds));
    raiseCaptions(video);
    const attributes = { id: "player", fullscreenelement: shell.id, nocast: "" };
    const controller = createElement("media-controller", attributes);
    const bar = createControlBar(video);
    shell.append(controller, bar);
    video.controls = false;
    video.slot = "media";
    controller.append(video);
    // Its default role, button, does not convey whether captions are on.
    bar.querySelector("media-captions-button")?.setAttribute("role", "switch");
    translatePlayerLabels(controller, video);
    translatePlayerLabels(bar, video);
    const range = bar.querySelector("media-time-range")?.shadowRoot;
    if (range) translatePlayerLabels(range, video);
    addCaptionLanguageSelect(player, queryAll(video, "track[kind=captions]", HTMLTrackElement));
    if (player.querySelector("[data-filmstrip]")) {
        addPreviewThumbnails(shell, video, recordingFileUrl(player, "storyboard.vtt"));
    }
}

/** @param {HTMLVideoElement} video */
function createControlBar(video) {
    const hasCaptions = video.querySelector("track[kind=captions]") !== null;
    const controls = [
        createElement("media-play-button"),
        createElement("media-seek-backward-button", { seekoffset: "10" }),
        createElement("media-seek-forward-button", { seekoffset: "10" }),
        createElement("media-time-range"),
        createElement("media-time-display", { showduration: "", notoggle: "" }),
        ...(hasCaptions ? [createElement("media-captions-button")] : []),
        createElement("media-mute-button"),
        createElement("media-fullscreen-button"),
    ];
    return createElement("media-control-bar", { mediacontroller: "player" }, controls);
}

/**
 * Builds the chapter track from the list on the page, which saves a request.
 * @param {HTMLVideoElement} video
 * @param {number} duration in seconds
 */
function addChapterTrack(video, duration) {
    const chapters = queryAll(document, ".chapters [data-start-ms]", HTMLElement).map((item) => ({
        start: Number(item.dataset.startMs) / 1000,
        name: queryElement(item, ".chapter-name", HTMLElement).textContent,
    }));
    if (chapters.length === 0 || !duration) return;
    const cues = chapters.map(({ start, name }, index) => {
        const end = chapters[index + 1]?.start ?? duration;
        return `${vttTime(start)} --> ${vttTime(end)}\n${name}`;
    });
    const vtt = new Blob([["WEBVTT", ...cues].join("\n\n")], { type: "text/vtt" });
    video.append(createElement("track", { kind: "chapters", default: "", src: URL.createObjectURL(vtt) }));
}

/**
 * Loads the storyboard when the pointer or the focus first reaches the time range.
 * @param {HTMLElement} shell
 * @param {HTMLVideoElement} video
 * @param {URL} indexUrl
 */
function addPreviewThumbnails(shell, video, indexUrl) {
    const range = queryElement(shell, "media-time-range", HTMLElement);
    // Decorative: the time below it says the same.
    const preview = range.shadowRoot?.querySelector("media-preview-thumbnail");
    preview?.shadowRoot?.querySelector("img")?.setAttribute("alt", "");
    const firstUse = new AbortController();
    const addTrack = () => {
        firstUse.abort();
        const attributes = { kind: "metadata", label: "thumbnails", default: "", src: indexUrl.href };
        video.append(createElement("track", attributes));
    };
    for (const event of ["pointerenter", "focusin"])
        range.addEventListener(event, addTrack, { signal: firstUse.signal });
}

/** @param {HTMLVideoElement} video */
function raiseCaptions(video) {
    for (const element of queryAll(video, "track[kind=captions]", HTMLTrackElement)) {
        element.addEventListener("load", () => {
            for (const cue of element.track.cues ?? []) {
                if (cue instanceof VTTCue) cue.line = CAPTION_LINE;
            }
        });
    }
}

/**
 * The captions button only switches captions on and off; the language is chosen in a list beside it.
 * @param {HTMLElement} player
 * @param {HTMLTrackElement[]} tracks
 */
function addCaptionLanguageSelect(player, tracks) {
    const field = queryOptional(player, "[data-caption-languages]", HTMLElement);
    if (!field || tracks.length < 2) return;
    const select = queryElement(field, "select", HTMLSelectElement);
    select.append(...tracks.map(({ label }, index) => new Option(label, String(index))));
    select.addEventListener("change", () => {
        for (const [index, { track }] of tracks.entries()) {
            track.mode = index === select.selectedIndex ? "showing" : "disabled";
        }
    });
    field.hidden = false;
}

/** @param {number} seconds */
function vttTime(seconds) {
    return exactTimestamp(Math.round(seconds * 1000));
}
