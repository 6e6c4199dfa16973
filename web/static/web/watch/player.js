// @ts-check
// Plays one story with hls.js: captions, chapters, playback rate and resuming. Nothing starts by itself.

import { createElement, queryAll, queryElement, queryOptional, requiredData } from "../shared/dom.js";
import { formatClock } from "../shared/format.js";
import { replaceNativeControls } from "./player_controls.js";
import { parseTimeFragment, ResumePosition } from "./resume_position.js";
import { reportViewingProgress } from "./viewing_progress.js";

// Before playback only the first frame and the duration are needed.
const BUFFER_BEFORE_PLAYING_SECONDS = 4;
const BUFFER_WHILE_PLAYING_SECONDS = 30;

const player = queryElement(document, "[data-player]", HTMLElement);
const video = queryElement(player, "video", HTMLVideoElement);

replaceNativeControls(player);
startPlayer();
makeChaptersClickable();
enablePlaybackRate();
const progressUrl = player.dataset.viewingProgressUrl;
if (progressUrl) reportViewingProgress(video, { url: progressUrl, slate: player.dataset.slate ?? "" });

function startPlayer() {
    const resume = new ResumePosition({
        viewer: player.dataset.viewer ?? "",
        story: player.dataset.story,
        duration: Number(player.dataset.seconds),
    });
    const linked = parseTimeFragment(window.location.hash);
    const saved = resume.load();
    loadRecording(linked ?? saved);
    if (linked === null && saved !== null) showResumeNotice(saved);
    for (const event of ["pause", "ended"]) {
        video.addEventListener(event, () => resume.save(video.ended ? 0 : video.currentTime));
    }
    window.addEventListener("pagehide", () => {
        if (video.currentTime > 0 && !video.ended) resume.save(video.currentTime);
    });
    window.addEventListener("hashchange", () => {
        const seconds = parseTimeFragment(window.location.hash);
        if (seconds !== null) video.currentTime = seconds;
    });
}

/**
 * Prefers hls.js: Chromium answers "maybe" for native HLS and then plays nothing.
 * @param {number | null} startPosition in seconds
 */
function loadRecording(startPosition) {
    const playlist = requiredData(player, "playlist");
    if (window.Hls?.isSupported()) {
        loadWithHls(window.Hls, playlist, startPosition);
    } else if (video.canPlayType("application/vnd.apple.mpegurl")) {
        video.src = playlist;
        if (startPosition) {
            video.addEventListener(
                "loadedmetadata",
                () => {
                    video.currentTime = startPosition;
                },
                { once: true },
            );
        }
        video.addEventListener("error", showPlaybackError);
    } else {
        showPlaybackError();
    }
}

/**
 * @param {HlsConstructor} Hls
 * @param {string} playlist
 * @param {number | null} startPosition
 */
function loadWithHls(Hls, playlist, startPosition) {
    const hls = new Hls({
        maxBufferLength: BUFFER_BEFORE_PLAYING_SECONDS,
        maxMaxBufferLength: BUFFER_WHILE_PLAYING_SECONDS,
        startPosition: startPosition ?? -1,
    });
    let recoveredOnce = false;
    hls.on(Hls.Events.ERROR, (_event, error) => {
        if (!error.fatal) return;
        if (error.type === Hls.ErrorTypes.MEDIA_ERROR && !recoveredOnce) {
            recoveredOnce = true;
            hls.recoverMediaError();
            return;
        }
        hls.destroy();
        showPlaybackError();
    });
    hls.loadSource(playlist);
    hls.attachMedia(video);
    video.addEventListener(
        "play",
        () => {
            hls.config.maxBufferLength = BUFFER_WHILE_PLAYING_SECONDS;
        },
        { once: true },
    );
}

function showPlaybackError() {
    queryElement(player, ".player-error", HTMLElement).hidden = false;
}

// Without the script the chapters are plain text.
function makeChaptersClickable() {
    const chapters = queryAll(document, ".chapters [data-start-ms]", HTMLElement);
    for (const chapter of chapters) {
        const parts = queryAll(chapter, ".chapter-time, .chapter-name", HTMLElement);
        const button = createElement("button", { type: "button", class: "link" }, parts);
        button.addEventListener("click", () => {
            video.currentTime = startSeconds(chapter);
            video.play();
            video.focus();
        });
        chapter.prepend(button);
    }
    video.addEventListener("timeupdate", () => markCurrentChapter(chapters));
}

/** @param {HTMLElement[]} chapters */
function markCurrentChapter(chapters) {
    const current = chapters.findLast((chapter) => startSeconds(chapter) <= video.currentTime);
    for (const chapter of chapters) {
        if (chapter === current) chapter.setAttribute("aria-current", "true");
        else chapter.removeAttribute("aria-current");
    }
}

/** @param {HTMLElement} chapter */
function startSeconds(chapter) {
    return Number(chapter.dataset.startMs) / 1000;
}

function enablePlaybackRate() {
    const field = queryOptional(player, ".speed", HTMLElement);
    if (!field) return;
    field.hidden = false;
    const select = queryElement(field, "select", HTMLSelectElement);
    select.addEventListener("change", () => {
        video.playbackRate = Number(select.value);
    });
}

/** @param {number} seconds */
function showResumeNotice(seconds) {
    const notice = queryOptional(player, "[data-resume-notice]", HTMLElement);
    if (!notice) return;
    queryElement(notice, "[data-resume-time]", HTMLElement).textContent = formatClock(seconds);
    notice.hidden = false;
    queryElement(notice, "button", HTMLButtonElement).addEventListener("click", () => {
        video.currentTime = 0;
        notice.hidden = true;
        video.focus();
    });
}
