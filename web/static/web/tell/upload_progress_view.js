// @ts-check
// Shows the progress of an upload with buttons to pause and cancel it.

import { queryElement } from "../shared/dom.js";
import { formatBytes, formatPercent, formatSpeed, formatTimeLeft } from "../shared/format.js";
import { gettext, interpolate } from "../shared/i18n.js";

/** @import { UploadQueue } from "./upload_queue.js" */

const REDRAW_INTERVAL_MS = 500;
const ANNOUNCE_EVERY_PERCENT = 25;

export class UploadProgressView {
    /**
     * @param {HTMLElement} root
     * @param {{ cancel: () => void }} handlers
     */
    constructor(root, { cancel }) {
        this.section = queryElement(root, "[data-upload-progress]", HTMLElement);
        this.bar = queryElement(root, "[data-upload-bar]", HTMLProgressElement);
        this.status = queryElement(root, "[data-upload-status]", HTMLElement);
        this.pauseButton = queryElement(root, "[data-pause]", HTMLButtonElement);
        this.cancelButton = queryElement(root, "[data-cancel]", HTMLButtonElement);
        this.liveRegion = queryElement(root, "[data-live]", HTMLElement);
        /** @type {UploadQueue | null} */
        this.queue = null;
        this.announcedPercent = 0;
        this.pauseButton.addEventListener("click", () => this.#togglePause());
        this.cancelButton.addEventListener("click", cancel);
        window.addEventListener("beforeunload", (event) => {
            if (this.queue && !this.queue.isPaused) event.preventDefault();
        });
        window.addEventListener("offline", () => this.#redraw());
        window.addEventListener("online", () => this.#redraw());
        setInterval(() => this.#redraw(), REDRAW_INTERVAL_MS);
    }

    /** @param {UploadQueue} queue */
    follow(queue) {
        this.queue = queue;
        this.announcedPercent = 0;
        this.#show({ canPause: true });
        this.#redraw();
    }

    // What is shown stays; it no longer changes.
    stopFollowing() {
        this.queue = null;
        this.#show({ canPause: false });
    }

    /**
     * @param {string} message
     * @param {number} percent
     */
    showStatus(message, percent) {
        this.status.textContent = message;
        this.bar.value = percent;
        this.#show({ canPause: false });
    }

    hide() {
        this.queue = null;
        this.section.hidden = true;
    }

    /**
     * For screen readers only: the figures on the page change too often to be announced.
     * @param {string} message
     */
    announce(message) {
        this.liveRegion.textContent = message;
    }

    /** @param {{ canPause: boolean }} state */
    #show({ canPause }) {
        this.section.hidden = false;
        this.pauseButton.hidden = !canPause;
    }

    #togglePause() {
        if (!this.queue) return;
        if (this.queue.isPaused) this.queue.resume();
        else this.queue.pause();
        this.announce(this.queue.isPaused ? gettext("Upload paused.") : gettext("Upload resumed."));
        this.#redraw();
    }

    #redraw() {
        if (!this.queue) return;
        const percent = Math.floor((100 * this.queue.bytesSent) / this.queue.size);
        this.bar.value = percent;
        this.pauseButton.textContent = this.queue.isPaused ? gettext("Resume") : gettext("Pause");
        this.status.textContent = statusText(this.queue, percent);
        if (percent - this.announcedPercent >= ANNOUNCE_EVERY_PERCENT && percent < 100) {
            this.announcedPercent = percent - (percent % ANNOUNCE_EVERY_PERCENT);
            const uploaded = formatPercent(this.announcedPercent);
            this.announce(interpolate(gettext("%(percent)s uploaded."), { percent: uploaded }));
        }
    }
}

/**
 * @param {UploadQueue} queue
 * @param {number} percent
 */
function statusText(queue, percent) {
    const values = {
        sent: formatBytes(queue.bytesSent),
        total: formatBytes(queue.size),
        percent: formatPercent(percent),
    };
    if (queue.isPaused) return interpolate(gettext("Paused at %(sent)s of %(total)s (%(percent)s)."), values);
    if (!navigator.onLine) {
        const message = gettext(
            "No connection. %(sent)s of %(total)s (%(percent)s) uploaded. The upload resumes automatically.",
        );
        return interpolate(message, values);
    }
    const facts = [interpolate(gettext("%(sent)s of %(total)s (%(percent)s)"), values)];
    const { bytesPerSecond, secondsLeft } = queue;
    if (bytesPerSecond > 0) facts.push(formatSpeed(bytesPerSecond));
    if (secondsLeft !== null) facts.push(formatTimeLeft(secondsLeft));
    return facts.join(" · ");
}
