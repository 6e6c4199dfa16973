// @ts-check

/** @import { ProcessingProgress } from "./progress_stream.js" */

const ANNOUNCE_EVERY_PERCENT = 25;
const PERCENT_SIGN = /[%٪]/;

/**
 * Decides which progress messages screen readers announce: the first, every further 25 percent, each new message without a
 * percentage (such as a queue or a fault), and the end.
 */
export class ProgressAnnouncer {
    #percent = -ANNOUNCE_EVERY_PERCENT;
    #message = "";

    /** @param {ProcessingProgress} progress */
    shouldAnnounce({ percent, message, finished }) {
        const distinctMessage = PERCENT_SIGN.test(message) ? "" : message;
        const hasAdvanced = percent - this.#percent >= ANNOUNCE_EVERY_PERCENT;
        if (!finished && !hasAdvanced && distinctMessage === this.#message) return false;
        this.#percent = percent;
        this.#message = distinctMessage;
        return true;
    }
}
