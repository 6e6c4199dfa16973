// @ts-check
// JSON requests to our own API. Problem documents (RFC 9457) become errors with a message for the person at the page.

import { csrfToken } from "./dom.js";
import { gettext } from "./i18n.js";

/**
 * @typedef {object} Problem
 * @property {string} [code]
 * @property {string} [detail]
 * @property {{ problem: string, fix: string }[]} [errors]
 * @property {unknown} [current] the present state of what the request wanted to change, on a version conflict
 */

// The API answered with a problem document.
export class ApiError extends Error {
    /**
     * @param {number} status
     * @param {Problem} problem
     */
    constructor(status, problem) {
        super(
            problemMessage(problem) ||
                gettext("Something went wrong on our side. Please try again in a moment."),
        );
        this.name = "ApiError";
        this.status = status;
        this.code = problem.code ?? "";
        this.current = problem.current ?? null;
    }
}

// No response: the device is offline or the server is down.
export class NetworkError extends Error {
    constructor() {
        super(gettext("We cannot reach Sameboat. Please check your connection."));
        this.name = "NetworkError";
    }
}

/**
 * The caller knows the type of the response from the API schema.
 * @template T
 * @param {"GET" | "POST" | "PUT" | "DELETE"} method
 * @param {string} url
 * @param {{ body?: unknown, idempotencyKey?: string }} [options]
 * @returns {Promise<T>}
 */
export async function requestJson(method, url, { body, idempotencyKey } = {}) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (idempotencyKey !== undefined) headers["Idempotency-Key"] = idempotencyKey;
    const response = await fetchOrFail(url, {
        method,
        headers,
        body: JSON.stringify(body),
        credentials: "same-origin",
    });
    const document = await response.json().catch(() => ({}));
    if (!response.ok) throw new ApiError(response.status, document);
    return document;
}

/**
 * @param {string} url
 * @param {RequestInit} options
 */
async function fetchOrFail(url, options) {
    try {
        return await fetch(url, options);
    } catch {
        throw new NetworkError();
    }
}

// randomUUID exists only in secure contexts.
export function newIdempotencyKey() {
    return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
}

/** @param {Problem} problem */
function problemMessage(problem) {
    const fields = (problem.errors ?? []).map((error) => `${error.problem} ${error.fix}`);
    return fields.join(" ") || problem.detail || "";
}

/**
 * The message to show for anything that was thrown.
 * @param {unknown} error
 */
export function errorMessage(error) {
    return error instanceof Error ? error.message : String(error);
}
