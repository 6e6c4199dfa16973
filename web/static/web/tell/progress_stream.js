// @ts-check
// Receives the processing progress of a recording: by server-sent events, or by polling where those do not get through.

/**
 * @typedef {object} ProcessingProgress
 * @property {number} percent
 * @property {string} message a sentence in the language of the page
 * @property {boolean} finished whether processing has ended
 * @property {{ playable: boolean } | null} [recording]
 */

/** @typedef {(progress: ProcessingProgress) => void} ProgressCallback */

const POLL_INTERVAL_MS = 3_000;
const MAX_POLL_INTERVAL_MS = 30_000;
// After this many errors without a message in between, a proxy probably blocks event streams.
const MAX_STREAM_ERRORS = 3;

/**
 * @param {{ eventsUrl: string, progressUrl: string }} urls
 * @param {ProgressCallback} onProgress
 */
export function followProgress({ eventsUrl, progressUrl }, onProgress) {
    if (!("EventSource" in globalThis)) {
        pollProgress(progressUrl, onProgress);
        return;
    }
    // EventSource reconnects by itself after the delay that the server sets.
    const events = new EventSource(eventsUrl);
    let errors = 0;
    const receive = (/** @type {MessageEvent<string>} */ { data }) => {
        errors = 0;
        onProgress(JSON.parse(data));
    };
    events.addEventListener("message", receive);
    events.addEventListener("finished", (event) => {
        events.close();
        receive(event);
    });
    events.addEventListener("error", () => {
        errors += 1;
        if (events.readyState !== EventSource.CLOSED && errors < MAX_STREAM_ERRORS) return;
        events.close();
        pollProgress(progressUrl, onProgress);
    });
}

/**
 * @param {string} url
 * @param {ProgressCallback} onProgress
 */
function pollProgress(url, onProgress) {
    let interval = POLL_INTERVAL_MS;

    async function poll() {
        const progress = await fetchProgress(url);
        if (progress === null) {
            interval = Math.min(MAX_POLL_INTERVAL_MS, interval * 2);
        } else {
            interval = POLL_INTERVAL_MS;
            onProgress(progress);
            if (progress.finished) return;
        }
        setTimeout(poll, interval);
    }

    setTimeout(poll, interval);
}

/**
 * @param {string} url
 * @returns {Promise<ProcessingProgress | null>} null after any failure
 */
async function fetchProgress(url) {
    try {
        const response = await fetch(url, { headers: { Accept: "application/json" } });
        return response.ok ? await response.json() : null;
    } catch {
        return null;
    }
}
