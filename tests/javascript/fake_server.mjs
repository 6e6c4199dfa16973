// @ts-check
// An upload API and an object store behind one fake `fetch`.

import { createHash } from "node:crypto";
import { PartRejectedError } from "../../web/static/web/tell/s3_part.js";

/** @import { PartRequest } from "../../web/static/web/tell/s3_part.js" */
/** @import { Upload } from "../../web/static/web/tell/upload_api.js" */

/**
 * @typedef {object} RecordedRequest
 * @property {string} method
 * @property {string} url
 * @property {Headers} headers
 * @property {unknown} body parsed JSON
 */

const API = "/api/v1/uploads";
const STORE = "https://store.test/";
export const RECORDING_URL = "/api/v1/stories/1/recording";

export class FakeServer {
    /** @type {RecordedRequest[]} */
    requests = [];
    /** @type {Map<string, Upload>} */
    uploads = new Map();
    /** @type {Map<number, Uint8Array>} bytes in the object store by part number */
    stored = new Map();
    /** @type {{ matches: (method: string, url: string) => boolean, respond: () => Response | Promise<Response> }[]} */
    interceptors = [];
    isOffline = false;
    urlLifetimeSeconds = 3600;
    story = { version: 1, editable: true, chapters: [] };
    /** @type {Map<string, { expiresAt: number, checksum: string | undefined }>} */
    #presigned = new Map();

    /** @param {Partial<Upload>} fields */
    addUpload(fields) {
        /** @type {Upload} */
        const upload = {
            id: `u${this.uploads.size + 1}`,
            state: "open",
            file_name: "my story.mp4",
            size: 0,
            part_size: 4,
            verify_part_checksums: false,
            parts: [],
            ...fields,
        };
        this.uploads.set(upload.id, upload);
        return upload;
    }

    /**
     * Answers the next matching request in place of the server.
     * @param {(method: string, url: string) => boolean} matches
     * @param {() => Response | Promise<Response>} respond
     */
    interceptOnce(matches, respond) {
        this.interceptors.push({ matches, respond });
    }

    /**
     * @param {string} method
     * @param {RegExp} pattern of the URL
     */
    requestsTo(method, pattern) {
        return this.requests.filter((request) => request.method === method && pattern.test(request.url));
    }

    get content() {
        const parts = [...this.stored].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
        return Buffer.concat(parts).toString();
    }

    /**
     * @param {string | URL | Request} input
     * @param {RequestInit} [options]
     * @returns {Promise<Response>}
     */
    fetch = async (input, { method = "GET", headers, body, signal } = {}) => {
        const url = String(input);
        const json = typeof body === "string" ? JSON.parse(body) : undefined;
        this.requests.push({ method, url, headers: new Headers(headers), body: json });
        await new Promise(setImmediate);
        if (this.isOffline) throw new TypeError("Failed to fetch");
        const index = this.interceptors.findIndex(({ matches }) => matches(method, url));
        if (index >= 0) return this.interceptors.splice(index, 1)[0].respond();
        if (url.startsWith(STORE)) return this.#storePart(url, body, signal);
        if (url === RECORDING_URL) return this.#attach(json);
        return this.#answerApi(method, url.slice(API.length), json);
    };

    // Sends parts through the fake fetch.
    /** @param {PartRequest} part */
    putPart = async ({ url, headers, body, signal, onProgress }) => {
        const response = await this.fetch(url, { method: "PUT", headers, body, signal });
        if (!response.ok) throw new PartRejectedError(response.status);
        onProgress(body.size);
    };

    /**
     * @param {string} method
     * @param {string} path
     * @param {{ part_numbers: number[], sha256?: string[], size: number, file_name: string, verify_part_checksums: boolean }} body
     */
    #answerApi(method, path, body) {
        if (method === "GET" && path === "") {
            const items = [...this.uploads.values()].filter(({ state }) => state === "open");
            return Response.json({ items });
        }
        if (method === "POST" && path === "") {
            const { size, file_name, verify_part_checksums } = body;
            return Response.json(this.addUpload({ size, file_name, verify_part_checksums }), { status: 201 });
        }
        const [, id, action] = path.split("/");
        const upload = this.uploads.get(id);
        if (upload?.state !== "open") return problem(404, "This upload does not exist.");
        if (method === "DELETE") {
            upload.state = "aborted";
            return Response.json({});
        }
        if (action === "parts") return this.#presign(id, body);
        if (action === "complete") return this.#complete(upload);
        return Response.json({ ...upload, parts: this.#storedParts() });
    }

    #storedParts() {
        return [...this.stored].map(([number, bytes]) => ({ number, size: bytes.length }));
    }

    /**
     * @param {string} id
     * @param {{ part_numbers: number[], sha256?: string[] }} body
     */
    #presign(id, { part_numbers, sha256 }) {
        const items = part_numbers.map((number, index) => {
            const url = `${STORE}${id}?partNumber=${number}&signature=${this.#presigned.size}`;
            const expiresAt = Date.now() + this.urlLifetimeSeconds * 1000;
            this.#presigned.set(url, { expiresAt, checksum: sha256?.[index] });
            return { number, url, expires_in_seconds: this.urlLifetimeSeconds, headers: {} };
        });
        return Response.json({ items });
    }

    /**
     * @param {string} url
     * @param {unknown} body
     * @param {AbortSignal | null | undefined} signal
     */
    async #storePart(url, body, signal) {
        const presigned = this.#presigned.get(url);
        if (!presigned || presigned.expiresAt <= Date.now()) return new Response("expired", { status: 403 });
        if (!(body instanceof Blob)) throw new TypeError("a part is a Blob");
        const bytes = new Uint8Array(await body.arrayBuffer());
        signal?.throwIfAborted();
        const checksum = createHash("sha256").update(bytes).digest("hex");
        if (presigned.checksum && presigned.checksum !== checksum) return new Response("", { status: 400 });
        this.stored.set(partNumber(url), bytes);
        return new Response("");
    }

    /** @param {Upload} upload */
    #complete(upload) {
        if (this.stored.size < Math.ceil(upload.size / upload.part_size))
            return problem(409, "Parts are missing.");
        upload.state = "complete";
        return Response.json(upload);
    }

    /** @param {{ expected_version: number }} body */
    #attach({ expected_version }) {
        if (expected_version !== this.story.version)
            return problem(409, "The story has changed.", { current: this.story });
        this.story = { ...this.story, version: this.story.version + 1 };
        return Response.json(this.story);
    }
}

/**
 * @param {number} status
 * @param {string} detail
 * @param {Record<string, unknown>} [members]
 */
export function problem(status, detail, members = {}) {
    return Response.json({ code: "problem", detail, ...members }, { status });
}

/** @param {string} url */
export function partNumber(url) {
    return Number(new URL(url).searchParams.get("partNumber"));
}

/**
 * Matches a PUT of one part to the object store.
 * @param {number} number
 * @returns {(method: string, url: string) => boolean}
 */
export function putOf(number) {
    return (method, url) => method === "PUT" && url.startsWith(STORE) && partNumber(url) === number;
}

// The browser's online state under the control of a test.
export class FakeConnection {
    online = true;
    /** @type {(() => void)[]} */
    #callbacks = [];

    isOnline = () => this.online;
    onceOnline = (/** @type {() => void} */ callback) => this.#callbacks.push(callback);

    reconnect() {
        this.online = true;
        for (const callback of this.#callbacks.splice(0)) callback();
    }
}

/**
 * Lets promises and I/O proceed until the condition holds. Mocked timers do not advance.
 * @param {() => boolean} condition
 */
export async function waitUntil(condition) {
    for (let turn = 0; turn < 2_000; turn += 1) {
        if (condition()) return;
        await new Promise(setImmediate);
    }
    throw new Error(`still not true: ${condition}`);
}

// Long enough for everything that does not wait for a timer or an event.
export async function settle() {
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
}
