// @ts-check
// The upload endpoints of our API.

import { newIdempotencyKey, requestJson } from "../shared/api_client.js";

/**
 * @typedef {object} Upload
 * @property {string} id
 * @property {"open" | "complete" | "aborted" | "expired"} state
 * @property {string} file_name
 * @property {number} size in bytes
 * @property {number} part_size in bytes
 * @property {boolean} verify_part_checksums whether each part is sent with its SHA-256
 * @property {{ number: number, size: number }[]} parts that the object store has; numbers count from 1
 */

/**
 * @typedef {object} ResumableUpload
 * @property {string} id
 * @property {string} file_name
 * @property {number} size
 * @property {boolean} verify_part_checksums
 */

/**
 * @typedef {object} PresignedPart
 * @property {number} number
 * @property {string} url
 * @property {number} expires_in_seconds until the URL expires
 * @property {Record<string, string>} headers that must be sent with the part
 */

/** @typedef {Pick<File, "name" | "size" | "type">} FileDescription */

// Systems that do not know the type of a file they have just recorded.
/** @type {Record<string, string>} */
const CONTENT_TYPES = {
    "3g2": "video/3gpp2",
    "3gp": "video/3gpp",
    m4a: "audio/x-m4a",
    m4v: "video/x-m4v",
    mkv: "video/x-matroska",
    mov: "video/quicktime",
    mp4: "video/mp4",
    webm: "video/webm",
};

export class UploadApi {
    /** @param {string} url */
    constructor(url) {
        this.url = url;
        // crypto.subtle exists only in secure contexts.
        this.canComputeChecksums = Boolean(globalThis.crypto?.subtle);
    }

    /**
     * @param {FileDescription} file
     * @returns {Promise<Upload>}
     */
    createUpload(file) {
        const body = {
            file_name: file.name,
            size: file.size,
            content_type: contentTypeOf(file),
            verify_part_checksums: this.canComputeChecksums,
        };
        return requestJson("POST", this.url, { body, idempotencyKey: newIdempotencyKey() });
    }

    /**
     * Incomplete uploads from any device that this browser can continue.
     * @returns {Promise<ResumableUpload[]>}
     */
    async listResumableUploads() {
        /** @type {{ items: ResumableUpload[] }} */
        const { items } = await requestJson("GET", this.url);
        return items.filter((upload) => this.canComputeChecksums || !upload.verify_part_checksums);
    }

    /**
     * @param {string} id
     * @returns {Promise<Upload>}
     */
    getUpload(id) {
        return requestJson("GET", `${this.url}/${id}`);
    }

    /**
     * @param {string} id
     * @param {number[]} partNumbers
     * @param {string[]} [checksums] SHA-256 of each part, for an upload that verifies part checksums
     * @returns {Promise<PresignedPart[]>}
     */
    async presignParts(id, partNumbers, checksums) {
        const body = { part_numbers: partNumbers, ...(checksums ? { sha256: checksums } : {}) };
        /** @type {{ items: PresignedPart[] }} */
        const { items } = await requestJson("POST", `${this.url}/${id}/parts`, { body });
        return items;
    }

    /** @param {string} id */
    completeUpload(id) {
        return requestJson("POST", `${this.url}/${id}/complete`, { body: {} });
    }

    /** @param {string} id */
    cancelUpload(id) {
        return requestJson("DELETE", `${this.url}/${id}`);
    }
}

/** @param {FileDescription} file */
export function contentTypeOf(file) {
    const extension = file.name.split(".").pop()?.toLowerCase() ?? "";
    return file.type || CONTENT_TYPES[extension] || "application/octet-stream";
}
