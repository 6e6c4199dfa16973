// @ts-check
// The position at which playback starts: from the URL, or where this person stopped on this device.

const MAX_STORIES = 50;
const MAX_AGE_MS = 60 * 24 * 3600 * 1000;
// Seconds at either end that count as not started, or as watched to the end.
const MIN_POSITION = 5;
const MIN_REMAINING = 10;

/**
 * The second in a Media Fragment (`#t=90`), or null.
 * @param {string} hash
 */
export function parseTimeFragment(hash) {
    const match = /^#t=(\d+(?:\.\d+)?)$/.exec(hash);
    return match ? Number(match[1]) : null;
}

/** @typedef {Record<string, { at: number, on: number }>} SavedPositions by story; `on` is the time of saving */

export class ResumePosition {
    /**
     * Positions are stored per person, because a family may share a browser.
     * @param {{ viewer: string, story: string | undefined, duration: number }} options without a story nothing is stored
     */
    constructor({ viewer, story, duration }) {
        this.storageKey = `sameboat.positions.${viewer}`;
        this.story = story;
        this.duration = duration;
    }

    /** @returns {number | null} */
    load() {
        return this.story ? (this.#read()[this.story]?.at ?? null) : null;
    }

    /** @param {number} seconds */
    save(seconds) {
        if (!this.story) return;
        const { [this.story]: _previous, ...others } = this.#read();
        const entries = Object.entries(others).filter(([, saved]) => Date.now() - saved.on < MAX_AGE_MS);
        if (seconds >= MIN_POSITION && seconds <= this.duration - MIN_REMAINING) {
            entries.splice(0, entries.length - MAX_STORIES + 1);
            entries.push([this.story, { at: Math.floor(seconds), on: Date.now() }]);
        }
        this.#write(Object.fromEntries(entries));
    }

    /** @returns {SavedPositions} */
    #read() {
        try {
            return JSON.parse(localStorage.getItem(this.storageKey) ?? "{}");
        } catch {
            return {};
        }
    }

    /** @param {SavedPositions} positions */
    #write(positions) {
        try {
            localStorage.setItem(this.storageKey, JSON.stringify(positions));
        } catch {
            // Storage is full or disabled: playback starts at the beginning next time.
        }
    }
}
