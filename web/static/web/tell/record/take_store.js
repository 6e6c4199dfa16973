// @ts-check
// The takes of one story, one per chapter. They survive a reload where the browser has room for them.

import { TakeDatabase } from "./take_database.js";

/** @import { RecordedTake, RecordingMode } from "./recorder.js" */

/** @typedef {RecordedTake & { mode: RecordingMode }} Take */

/**
 * @typedef {object} JoinedRecording all takes as one file
 * @property {Blob} blob
 * @property {string} name
 * @property {{ kind: string, start_ms: number }[]} chapters
 * @property {string | null} upload id once an upload has been opened
 */

const JOINED_KEY = "joined";

export class TakeStore {
    /** @type {Map<string, Take>} by chapter */
    takes = new Map();
    /** @type {JoinedRecording | null} */
    joined = null;

    /**
     * @param {string} story
     * @param {string[]} chapters kinds in the order in which they are recorded
     * @param {Pick<TakeDatabase, "get" | "put" | "delete" | "clear">} [database]
     */
    constructor(story, chapters, database = new TakeDatabase(story)) {
        this.chapters = chapters;
        this.database = database;
    }

    async load() {
        for (const chapter of this.chapters) {
            /** @type {Take | undefined} */
            const take = await this.database.get(chapter);
            if (take) this.takes.set(chapter, take);
        }
        /** @type {JoinedRecording | undefined} */
        const joined = await this.database.get(JOINED_KEY);
        this.joined = joined ?? null;
    }

    get recordedChapters() {
        return this.chapters.filter((chapter) => this.takes.has(chapter));
    }

    /** @returns {RecordingMode | null} */
    get mode() {
        const [first] = this.takes.values();
        return first?.mode ?? null;
    }

    get totalSeconds() {
        return this.secondsWithout(null);
    }

    /**
     * Length of all takes but the one of this chapter.
     * @param {string | null} chapter
     */
    secondsWithout(chapter) {
        return [...this.takes].reduce(
            (sum, [kind, take]) => (kind === chapter ? sum : sum + take.seconds),
            0,
        );
    }

    /** @param {string} chapter */
    chapterAfter(chapter) {
        return this.chapters.at(this.chapters.indexOf(chapter) + 1) ?? null;
    }

    /**
     * Rejects if the browser cannot store the take; it then lasts as long as the page.
     * @param {string} chapter
     * @param {Take} take
     */
    async saveTake(chapter, take) {
        this.takes.set(chapter, take);
        this.joined = null;
        await this.database.put(chapter, take);
        await this.database.delete(JOINED_KEY);
    }

    /** @param {string} chapter */
    async deleteTake(chapter) {
        this.takes.delete(chapter);
        this.joined = null;
        await this.database.delete(chapter);
        await this.database.delete(JOINED_KEY);
    }

    /** @param {JoinedRecording} joined */
    async saveJoined(joined) {
        this.joined = joined;
        await this.database.put(JOINED_KEY, joined);
    }

    async deleteJoined() {
        this.joined = null;
        await this.database.delete(JOINED_KEY);
    }

    async clear() {
        this.takes.clear();
        this.joined = null;
        await this.database.clear();
    }
}
