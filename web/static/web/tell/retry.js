// @ts-check
// Exponential back-off with jitter.

export const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;

/**
 * Doubles with every attempt up to the maximum; the random half keeps many browsers from retrying at the same moment.
 * @param {number} attempt counts from 1
 * @param {() => number} [random]
 */
export function backoffDelayMs(attempt, random = Math.random) {
    const longest = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
    return longest * (0.5 + random() / 2);
}

/**
 * Resolves after the time, or early if the signal aborts.
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function sleep(milliseconds, signal) {
    return new Promise((resolve) => {
        const finish = () => {
            clearTimeout(timer);
            signal.removeEventListener("abort", finish);
            resolve();
        };
        const timer = setTimeout(finish, milliseconds);
        if (signal.aborted) finish();
        else signal.addEventListener("abort", finish);
    });
}
