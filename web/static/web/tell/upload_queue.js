// @ts-check
// Sends the missing parts of one file: three at a time, each retried until the object store has it.
//
// Only the store knows which parts have arrived, so a queue starts from the store's list. A reload, a crash or a change of
// device needs no other state.

import { ApiError } from "../shared/api_client.js";
import { backoffDelayMs, MAX_ATTEMPTS, sleep } from "./retry.js";
import { putPart, sha256Hex } from "./s3_part.js";
import { TransferRate } from "./transfer_rate.js";

/** @import { PartRequest } from "./s3_part.js" */
/** @import { PresignedPart, Upload } from "./upload_api.js" */

const CONCURRENT_PARTS = 3;
const URLS_PER_REQUEST = 12;
const URL_SAFETY_MARGIN_MS = 60_000;
const TOO_MANY_REQUESTS = 429;
const SERVER_ERROR = 500;

export class UploadCancelledError extends Error {}
export class RetriesExhaustedError extends Error {}

/**
 * @typedef {object} Connection whether the browser is online
 * @property {() => boolean} isOnline
 * @property {(callback: () => void) => void} onceOnline
 */

/**
 * @typedef {object} QueueOptions
 * @property {(partNumbers: number[], checksums?: string[]) => Promise<PresignedPart[]>} presignParts
 * @property {(part: PartRequest) => Promise<void>} [putPart]
 * @property {Connection} [connection]
 */

/** @type {Connection} */
const browserConnection = {
    isOnline: () => navigator.onLine,
    onceOnline: (callback) => window.addEventListener("online", callback, { once: true }),
};

export class UploadQueue {
    /** @type {"uploading" | "paused" | "cancelled"} */
    #state = "uploading";
    /** @type {Map<number, { abort: AbortController, loaded: number }>} by part number */
    #requests = new Map();
    /** @type {Map<number, { url: string, headers: Record<string, string>, expiresAt: number }>} by part number */
    #presigned = new Map();
    #cancellation = new AbortController();
    #rate = new TransferRate();
    /** @type {(() => void)[]} lanes that wait for a pause or an outage to end */
    #waiting = [];

    /**
     * @param {Blob} file
     * @param {Upload} upload
     * @param {QueueOptions} options
     */
    constructor(file, upload, { presignParts, putPart: send = putPart, connection = browserConnection }) {
        this.file = file;
        this.size = upload.size;
        this.partSize = upload.part_size;
        this.verifyPartChecksums = upload.verify_part_checksums;
        this.presignParts = presignParts;
        this.putPart = send;
        this.connection = connection;
        const stored = new Set(upload.parts.map(({ number }) => number));
        const count = Math.ceil(this.size / this.partSize);
        const numbers = Array.from({ length: count }, (_, index) => index + 1);
        this.pendingParts = numbers.filter((number) => !stored.has(number));
        this.storedBytes = [...stored].reduce((bytes, number) => bytes + this.#sizeOf(number), 0);
    }

    /**
     * Resolves when the store has every part. Rejects with UploadCancelledError, RetriesExhaustedError, or the ApiError
     * that makes another attempt pointless.
     */
    async run() {
        try {
            await Promise.all(Array.from({ length: CONCURRENT_PARTS }, () => this.#runLane()));
        } catch (error) {
            this.cancel(); // one failed lane stops the others
            throw error;
        }
    }

    get isPaused() {
        return this.#state === "paused";
    }

    pause() {
        if (this.#state === "cancelled") return;
        this.#state = "paused";
        this.#abortRequests();
        this.#rate.reset();
    }

    resume() {
        if (this.#state === "cancelled") return;
        this.#state = "uploading";
        this.#wakeLanes();
    }

    cancel() {
        this.#state = "cancelled";
        this.#abortRequests();
        this.#cancellation.abort();
        this.#wakeLanes();
    }

    get bytesSent() {
        return [...this.#requests.values()].reduce((bytes, { loaded }) => bytes + loaded, this.storedBytes);
    }

    // 0 until there is enough to measure.
    get bytesPerSecond() {
        return this.#rate.sample(this.bytesSent);
    }

    // Null until the rate is known.
    get secondsLeft() {
        const { bytesPerSecond } = this;
        return bytesPerSecond > 0 ? (this.size - this.bytesSent) / bytesPerSecond : null;
    }

    async #runLane() {
        for (
            let number = this.pendingParts.shift();
            number !== undefined;
            number = this.pendingParts.shift()
        ) {
            await this.#sendPart(number);
            this.storedBytes += this.#sizeOf(number);
        }
    }

    // Attempts that a pause or an outage ends do not count.
    /** @param {number} number */
    async #sendPart(number) {
        for (let attempt = 1; attempt <= MAX_ATTEMPTS; ) {
            await this.#waitUntilAllowed();
            try {
                const { url, headers } = await this.#presignedFor(number);
                if (this.#state !== "uploading") continue; // paused or cancelled while the URL was requested
                await this.#put(number, url, headers);
                return;
            } catch (error) {
                if (this.#state === "cancelled") throw new UploadCancelledError();
                if (this.isPaused || !this.connection.isOnline()) continue;
                this.#presigned.delete(number); // the URL may have expired; the next attempt gets a fresh one
                if (isPermanent(error)) throw error;
                await sleep(backoffDelayMs(attempt), this.#cancellation.signal);
                attempt += 1;
            }
        }
        throw new RetriesExhaustedError();
    }

    /**
     * @param {number} number
     * @param {string} url
     * @param {Record<string, string>} headers
     */
    async #put(number, url, headers) {
        const request = { abort: new AbortController(), loaded: 0 };
        this.#requests.set(number, request);
        const onProgress = (/** @type {number} */ bytes) => {
            request.loaded = bytes;
        };
        try {
            await this.putPart({
                url,
                headers,
                body: this.#bytesOf(number),
                signal: request.abort.signal,
                onProgress,
            });
        } finally {
            this.#requests.delete(number);
        }
    }

    async #waitUntilAllowed() {
        while (this.isPaused || (this.#state === "uploading" && !this.connection.isOnline())) {
            await new Promise((/** @type {(value: void) => void} */ resolve) => {
                this.#waiting.push(resolve);
                this.connection.onceOnline(resolve);
            });
        }
        if (this.#state === "cancelled") throw new UploadCancelledError();
    }

    /** @param {number} number */
    async #presignedFor(number) {
        if (this.#isExpired(number)) {
            for (const { number: presignedNumber, url, expires_in_seconds, headers } of await this.#presign(
                number,
            )) {
                this.#presigned.set(presignedNumber, {
                    url,
                    headers,
                    expiresAt: Date.now() + expires_in_seconds * 1_000,
                });
            }
        }
        const presigned = this.#presigned.get(number);
        if (!presigned) throw new Error(`the API returned no URL for part ${number}`);
        return presigned;
    }

    // An upload that verifies checksums presigns parts one at a time: a part is read for its checksum right before it is sent.
    /** @param {number} number */
    async #presign(number) {
        if (this.verifyPartChecksums)
            return this.presignParts([number], [await sha256Hex(this.#bytesOf(number))]);
        const next = this.pendingParts.filter((pending) => this.#isExpired(pending));
        return this.presignParts([number, ...next.slice(0, URLS_PER_REQUEST - 1)]);
    }

    /** @param {number} number */
    #isExpired(number) {
        const expiresAt = this.#presigned.get(number)?.expiresAt ?? 0;
        return expiresAt <= Date.now() + URL_SAFETY_MARGIN_MS;
    }

    /** @param {number} number */
    #bytesOf(number) {
        const start = (number - 1) * this.partSize;
        return this.file.slice(start, start + this.#sizeOf(number));
    }

    /** @param {number} number */
    #sizeOf(number) {
        return Math.min(this.partSize, this.size - (number - 1) * this.partSize);
    }

    #abortRequests() {
        for (const { abort } of this.#requests.values()) abort.abort();
    }

    #wakeLanes() {
        for (const wake of this.#waiting.splice(0)) wake();
    }
}

// A client error from our API: the upload is over or belongs to somebody else. A rate limit passes.
/** @param {unknown} error */
function isPermanent(error) {
    return error instanceof ApiError && error.status < SERVER_ERROR && error.status !== TOO_MANY_REQUESTS;
}
