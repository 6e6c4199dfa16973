// @ts-check
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
    ApiError,
    NetworkError,
    newIdempotencyKey,
    requestJson,
} from "../../web/static/web/shared/api_client.js";

const realFetch = globalThis.fetch;

afterEach(() => {
    globalThis.fetch = realFetch;
});

/**
 * @param {Response} response
 * @returns {{ url: string, options: RequestInit }[]} the requests that follow
 */
function respondWith(response) {
    /** @type {{ url: string, options: RequestInit }[]} */
    const requests = [];
    globalThis.fetch = async (url, options = {}) => {
        requests.push({ url: String(url), options });
        return response;
    };
    return requests;
}

test("a JSON body and an idempotency key are sent with their headers", async () => {
    const requests = respondWith(Response.json({ id: "u1" }));
    const answer = await requestJson("POST", "/x", { body: { a: 1 }, idempotencyKey: "k" });
    assert.deepEqual(answer, { id: "u1" });
    assert.equal(requests[0].options.body, '{"a":1}');
    assert.equal(requests[0].options.credentials, "same-origin");
    assert.deepEqual(requests[0].options.headers, {
        Accept: "application/json",
        "X-CSRFToken": "",
        "Content-Type": "application/json",
        "Idempotency-Key": "k",
    });
});

test("a request without a body has no content type", async () => {
    const requests = respondWith(Response.json({}));
    await requestJson("GET", "/x");
    assert.deepEqual(requests[0].options.headers, { Accept: "application/json", "X-CSRFToken": "" });
});

test("field errors of a problem document become the message", async () => {
    const errors = [
        { problem: "This file is too large.", fix: "Choose a smaller one." },
        { problem: "The name is missing.", fix: "Give it one." },
    ];
    respondWith(
        Response.json(
            { code: "invalid", detail: "Invalid.", errors, current: { version: 2 } },
            { status: 422 },
        ),
    );
    const error = await requestJson("POST", "/x", { body: {} }).catch((reason) => reason);
    assert.ok(error instanceof ApiError);
    assert.equal(
        error.message,
        "This file is too large. Choose a smaller one. The name is missing. Give it one.",
    );
    assert.deepEqual([error.status, error.code, error.current], [422, "invalid", { version: 2 }]);
});

test("without field errors the detail is the message", async () => {
    respondWith(Response.json({ detail: "The story has changed." }, { status: 409 }));
    await assert.rejects(requestJson("GET", "/x"), { name: "ApiError", message: "The story has changed." });
});

test("an error page that is not JSON gives a general message", async () => {
    respondWith(new Response("<h1>Bad gateway</h1>", { status: 502 }));
    await assert.rejects(requestJson("GET", "/x"), {
        name: "ApiError",
        status: 502,
        message: /went wrong on our side/,
    });
});

test("no response at all is a NetworkError", async () => {
    globalThis.fetch = async () => {
        throw new TypeError("Failed to fetch");
    };
    await assert.rejects(requestJson("GET", "/x"), NetworkError);
});

test("idempotency keys differ", () => {
    assert.notEqual(newIdempotencyKey(), newIdempotencyKey());
});
