// @ts-check
// Shows how far the server has processed a recording, and reloads the page when there is more to watch.

import { queryAll, queryElement, requiredData } from "../shared/dom.js";
import { ProgressAnnouncer } from "./progress_announcer.js";
import { followProgress } from "./progress_stream.js";

/** @import { ProcessingProgress } from "./progress_stream.js" */

for (const root of queryAll(document, "[data-progress-url]", HTMLElement)) {
    const urls = {
        eventsUrl: requiredData(root, "eventsUrl"),
        progressUrl: requiredData(root, "progressUrl"),
    };
    followProgress(urls, createRenderer(root));
}

/** @param {HTMLElement} root */
function createRenderer(root) {
    const text = queryElement(root, "[data-progress-text]", HTMLElement);
    const liveRegion = queryElement(root, "[data-live]", HTMLElement);
    const bar = queryElement(root, "progress", HTMLProgressElement);
    const announcer = new ProgressAnnouncer();

    return (/** @type {ProcessingProgress} */ progress) => {
        if (hasMoreToShow(progress) && !offerReload(root)) {
            window.location.reload();
            return;
        }
        bar.value = progress.percent;
        text.textContent = progress.message;
        if (announcer.shouldAnnounce(progress)) liveRegion.textContent = progress.message;
    };
}

// Processing has ended, or the recording can be watched for the first time.
/** @param {ProcessingProgress} progress */
function hasMoreToShow({ finished, recording }) {
    return finished || (recording?.playable && document.querySelector("[data-player]") === null);
}

// A reload would interrupt somebody who is watching, so they get a button that reloads at their position.
// Returns false if nobody is watching.
/** @param {HTMLElement} root */
function offerReload(root) {
    const watched = queryAll(document, "video", HTMLVideoElement).find(
        (video) => video.currentTime > 0 && !video.ended,
    );
    if (!watched) return false;
    const offer = queryElement(root, "[data-reload-offer]", HTMLElement);
    offer.hidden = false;
    for (const outdated of queryAll(document, "[data-until-processed]", HTMLElement)) outdated.hidden = true;
    queryElement(offer, "button", HTMLButtonElement).onclick = () => {
        window.location.hash = `t=${watched.currentTime.toFixed(1)}`;
        window.location.reload();
    };
    return true;
}
