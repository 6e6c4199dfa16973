// @ts-check
// Reports how far somebody has watched: every 15 seconds, on pause and when they leave.

import { csrfToken } from "../shared/dom.js";

const REPORT_INTERVAL_MS = 15_000;

/**
 * @param {HTMLVideoElement} video
 * @param {{ url: string, slate: string }} options
 */
export function reportViewingProgress(video, { url, slate }) {
    let furthestMs = 0;
    let reportedMs = 0;
    let reportedAt = 0;

    function report() {
        if (furthestMs === reportedMs) return;
        reportedMs = furthestMs;
        reportedAt = Date.now();
        const body = new URLSearchParams({ furthest_ms: String(furthestMs), slate });
        const headers = { "X-CSRFToken": csrfToken() };
        // A lost report needs no retry: the next one includes it.
        fetch(url, { method: "POST", body, keepalive: true, headers }).catch(() => {});
    }

    video.addEventListener("timeupdate", () => {
        furthestMs = Math.max(furthestMs, Math.floor(video.currentTime * 1000));
        if (Date.now() - reportedAt > REPORT_INTERVAL_MS) report();
    });
    video.addEventListener("pause", report);
    window.addEventListener("pagehide", report);
}
