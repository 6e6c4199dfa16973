// @ts-check
// Uploads one part of an S3 multipart upload to its presigned URL.

const STALL_TIMEOUT_MS = 60_000;

export class PartRejectedError extends Error {
    /** @param {number} status 0 if there was no response */
    constructor(status) {
        super(`the object store answered ${status}`);
        this.name = "PartRejectedError";
        this.status = status;
    }
}

/**
 * @typedef {object} PartRequest
 * @property {string} url
 * @property {Record<string, string>} headers
 * @property {Blob} body
 * @property {AbortSignal} signal
 * @property {(bytes: number) => void} onProgress
 */

/**
 * Rejects with PartRejectedError; also when aborted, and when no byte was sent for a minute.
 * XMLHttpRequest, because fetch does not report upload progress.
 * @param {PartRequest} part
 * @returns {Promise<void>}
 */
export function putPart({ url, headers, body, signal, onProgress }) {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    return new Promise((resolve, reject) => {
        let stallTimer = setTimeout(abort, STALL_TIMEOUT_MS);
        request.upload.addEventListener("progress", (event) => {
            clearTimeout(stallTimer);
            stallTimer = setTimeout(abort, STALL_TIMEOUT_MS);
            onProgress(event.loaded);
        });
        request.addEventListener("loadend", () => {
            clearTimeout(stallTimer);
            signal.removeEventListener("abort", abort);
            if (request.status >= 200 && request.status < 300) resolve();
            else reject(new PartRejectedError(request.status));
        });
        request.open("PUT", url);
        for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
        signal.addEventListener("abort", abort);
        request.send(body);
    });
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>} lower-case hexadecimal
 */
export async function sha256Hex(blob) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
