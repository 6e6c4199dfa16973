// @ts-check
// One recording from this browser to its story: create or resume the upload, send all parts, complete, attach.

import { ApiError, requestJson } from "../shared/api_client.js";
import { gettext } from "../shared/i18n.js";
import { UploadQueue } from "./upload_queue.js";

/** @import { QueueOptions } from "./upload_queue.js" */
/** @import { FileDescription, Upload, UploadApi } from "./upload_api.js" */

/**
 * @typedef {object} StoryVersion what this page needs of a story
 * @property {number} version
 * @property {boolean} editable
 * @property {StoryChapter[]} chapters
 */

/**
 * @typedef {object} StoryChapter
 * @property {string} kind
 * @property {number} start_ms
 * @property {string} text
 * @property {string | null} barrier
 * @property {number | null} rung
 */

const CONFLICT = 409;
const MAX_ROUNDS = 3;

// Another window of this browser sends the same upload. `released` resolves when that window has finished or is closed.
export class UploadLockedError extends Error {
    /** @param {Promise<unknown>} released */
    constructor(released) {
        super(
            gettext(
                "This file is being uploaded in another window. Keep that window open. This page updates when it has finished.",
            ),
        );
        this.name = "UploadLockedError";
        this.released = released;
    }
}

/**
 * @typedef {object} SessionOptions
 * @property {UploadApi} api
 * @property {string} recordingUrl of the story's recording in our API
 * @property {Omit<QueueOptions, "presignParts">} [queueOptions]
 * @property {Pick<LockManager, "request">} [locks] missing in insecure contexts
 */

export class UploadSession {
    /** @param {SessionOptions} options */
    constructor({ api, recordingUrl, queueOptions = {}, locks = globalThis.navigator?.locks }) {
        this.api = api;
        this.recordingUrl = recordingUrl;
        this.queueOptions = queueOptions;
        /** @type {Pick<LockManager, "request"> | undefined} */
        this.locks = locks;
        /** @type {Upload | null} */
        this.upload = null;
        /** @type {UploadQueue | null} */
        this.queue = null;
    }

    /**
     * Resumes an upload of the same name and size, from any device, or creates one.
     * @param {FileDescription} file
     */
    async openUpload(file) {
        const uploads = await this.api.listResumableUploads();
        const same = uploads.find(({ file_name, size }) => file_name === file.name && size === file.size);
        this.upload = same ? await this.api.getUpload(same.id) : await this.api.createUpload(file);
        return this.upload;
    }

    /** @param {string} id */
    async loadUpload(id) {
        this.upload = await this.api.getUpload(id);
        return this.upload;
    }

    /**
     * Sends the missing parts and completes the upload. If the store lacks a part after all, sends that part again.
     * @param {Blob} file
     * @param {(queue: UploadQueue) => void} onStart called with the queue of each round before its first byte
     */
    async sendFile(file, onStart) {
        const { id } = this.#currentUpload();
        for (let round = 1; ; round += 1) {
            await this.#sendMissingParts(file, onStart);
            try {
                await this.api.completeUpload(id);
                return;
            } catch (error) {
                if (!isConflict(error) || round === MAX_ROUNDS) throw error;
                await this.loadUpload(id);
            }
        }
    }

    /**
     * Runs the action while no other window of this browser works on the upload. Rejects with UploadLockedError.
     * @template T
     * @param {() => Promise<T>} action
     * @returns {Promise<T>}
     */
    async withUploadLock(action) {
        const { locks } = this;
        if (!locks) return action();
        const name = `sameboat.upload.${this.#currentUpload().id}`;
        return locks.request(name, { ifAvailable: true }, (lock) => {
            if (!lock) throw new UploadLockedError(locks.request(name, () => {}));
            return action();
        });
    }

    /**
     * Makes the upload the story's recording.
     * @param {number} version of the story that the page shows
     * @returns {Promise<StoryVersion>} the story as it is now
     */
    attachToStory(version) {
        const upload = this.#currentUpload().id;
        return retryOnVersionConflict(version, (expectedVersion) =>
            requestJson("PUT", this.recordingUrl, { body: { expected_version: expectedVersion, upload } }),
        );
    }

    async cancel() {
        this.queue?.cancel();
        if (!this.upload) return;
        await this.api.cancelUpload(this.upload.id);
        this.upload = null;
    }

    /**
     * @param {Blob} file
     * @param {(queue: UploadQueue) => void} onStart
     */
    async #sendMissingParts(file, onStart) {
        const upload = this.#currentUpload();
        const queue = new UploadQueue(file, upload, {
            ...this.queueOptions,
            presignParts: (partNumbers, checksums) =>
                this.api.presignParts(upload.id, partNumbers, checksums),
        });
        this.queue = queue;
        onStart(queue);
        try {
            await queue.run();
        } finally {
            this.queue = null;
        }
    }

    #currentUpload() {
        if (!this.upload) throw new Error("no upload is open");
        return this.upload;
    }
}

/**
 * A new recording replaces the old one whatever else changed in the story, so a version conflict is retried with the
 * present version as long as the story may be edited.
 * @template T
 * @param {number} version
 * @param {(version: number) => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function retryOnVersionConflict(version, action) {
    try {
        return await action(version);
    } catch (error) {
        const current = isConflict(error) ? /** @type {StoryVersion | null} */ (error.current) : null;
        if (!current?.editable || current.version === version) throw error;
        return retryOnVersionConflict(current.version, action);
    }
}

/**
 * @param {unknown} error
 * @returns {error is ApiError}
 */
function isConflict(error) {
    return error instanceof ApiError && error.status === CONFLICT;
}
