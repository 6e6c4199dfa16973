// @ts-check
// From takes to the story's recording: join, upload, attach, and set a chapter at the start of each take.

import { ApiError, requestJson } from "../../shared/api_client.js";
import { retryOnVersionConflict, UploadSession } from "../upload_session.js";
import { joinTakes } from "./join_takes.js";

/** @import { StoryChapter } from "../upload_session.js" */
/** @import { UploadApi } from "../upload_api.js" */
/** @import { UploadQueue } from "../upload_queue.js" */
/** @import { JoinedRecording, TakeStore } from "./take_store.js" */

export class RecordingTooLargeError extends Error {}

/**
 * @typedef {object} TakeUploadOptions
 * @property {UploadApi} api
 * @property {string} recordingUrl
 * @property {string} chaptersUrl
 * @property {string} mediabunnyUrl
 */

export class TakeUpload {
    /**
     * @param {TakeStore} takes
     * @param {TakeUploadOptions} options
     */
    constructor(takes, { api, recordingUrl, chaptersUrl, mediabunnyUrl }) {
        this.takes = takes;
        this.chaptersUrl = chaptersUrl;
        this.mediabunnyUrl = mediabunnyUrl;
        this.session = new UploadSession({ api, recordingUrl });
    }

    /**
     * Resumes where an earlier visit stopped.
     * @param {object} options
     * @param {number} options.version of the story that the page shows
     * @param {number} options.maxBytes
     * @param {(queue: UploadQueue) => void} options.onStart called with the queue before its first byte
     */
    async run({ version, maxBytes, onStart }) {
        const joined = this.takes.joined ?? (await this.#joinTakes());
        if (joined.blob.size > maxBytes) throw new RecordingTooLargeError();
        const file = new File([joined.blob], joined.name, { type: joined.blob.type });
        const upload = await this.#openUpload(joined, file);
        await this.session.withUploadLock(async () => {
            if (upload.state === "open") await this.session.sendFile(file, onStart);
            const story = await this.session.attachToStory(version);
            await this.#setChapters(story.version, withStoredDetails(joined.chapters, story.chapters));
            await this.takes.clear();
        });
    }

    async cancel() {
        await this.session.cancel();
        await this.takes.deleteJoined();
    }

    /** @returns {Promise<JoinedRecording>} */
    async #joinTakes() {
        const mediabunny = await import(this.mediabunnyUrl);
        const recorded = this.takes.chapters.flatMap((kind) => {
            const take = this.takes.takes.get(kind);
            return take ? [{ kind, blob: take.blob }] : [];
        });
        const { blob, starts } = await joinTakes(
            recorded.map((take) => take.blob),
            mediabunny,
        );
        const chapters = recorded.map(({ kind }, index) => ({
            kind,
            start_ms: Math.round(starts[index] * 1000),
        }));
        const joined = { blob, chapters, name: `story.${blob.type.split("/")[1]}`, upload: null };
        await this.#saveJoined(joined);
        return joined;
    }

    /**
     * @param {JoinedRecording} joined
     * @param {File} file
     */
    async #openUpload(joined, file) {
        if (joined.upload !== null) {
            try {
                const upload = await this.session.loadUpload(joined.upload);
                if (upload.state === "open" || upload.state === "complete") return upload;
            } catch (error) {
                if (!(error instanceof ApiError)) throw error;
            }
        }
        const upload = await this.session.openUpload(file);
        await this.#saveJoined({ ...joined, upload: upload.id });
        return upload;
    }

    /**
     * @param {number} version
     * @param {StoryChapter[]} chapters
     */
    #setChapters(version, chapters) {
        return retryOnVersionConflict(version, (expectedVersion) =>
            requestJson("PUT", this.chaptersUrl, { body: { expected_version: expectedVersion, chapters } }),
        );
    }

    // Without room in the browser the upload still works; it lasts as long as the page.
    /** @param {JoinedRecording} joined */
    #saveJoined(joined) {
        return this.takes.saveJoined(joined).catch(() => {});
    }
}

/**
 * New start times with the text, barrier and rung that the story already has for a chapter of the same kind.
 * @param {{ kind: string, start_ms: number }[]} chapters
 * @param {StoryChapter[]} stored
 * @returns {StoryChapter[]}
 */
export function withStoredDetails(chapters, stored) {
    return chapters.map(({ kind, start_ms }) => {
        const match = stored.find((chapter) => chapter.kind === kind);
        return {
            kind,
            start_ms,
            text: match?.text ?? "",
            barrier: match?.barrier ?? null,
            rung: match?.rung ?? null,
        };
    });
}
