// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { PartRejectedError, putPart, sha256Hex } from "../../web/static/web/tell/s3_part.js";

// Records one request; the test plays the network.
class FakeXMLHttpRequest extends EventTarget {
    /** @type {FakeXMLHttpRequest[]} */
    static requests = [];
    upload = new EventTarget();
    status = 0;
    /** @type {Record<string, string>} */
    headers = {};
    aborted = false;
    /** @type {Blob | null} */
    body = null;
    target = "";

    /**
     * @param {string} method
     * @param {string} url
     */
    open(method, url) {
        this.target = `${method} ${url}`;
        FakeXMLHttpRequest.requests.push(this);
    }

    /**
     * @param {string} name
     * @param {string} value
     */
    setRequestHeader(name, value) {
        this.headers[name] = value;
    }

    /** @param {Blob} body */
    send(body) {
        this.body = body;
    }

    abort() {
        this.aborted = true;
        this.respond(0);
    }

    /** @param {number} status */
    respond(status) {
        this.status = status;
        this.dispatchEvent(new Event("loadend"));
    }

    /** @param {number} loaded */
    progress(loaded) {
        this.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded }));
    }
}

const browser = /** @type {{ XMLHttpRequest?: unknown }} */ (globalThis);

beforeEach(() => {
    FakeXMLHttpRequest.requests = [];
    browser.XMLHttpRequest = FakeXMLHttpRequest;
    mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => {
    mock.timers.reset();
    delete browser.XMLHttpRequest;
});

function startPut() {
    const abort = new AbortController();
    /** @type {number[]} */
    const progress = [];
    const body = new Blob(["bytes"]);
    const done = putPart({
        url: "https://store.test/1",
        headers: { "x-amz-checksum-sha256": "abc" },
        body,
        signal: abort.signal,
        onProgress: (bytes) => progress.push(bytes),
    });
    return { done, abort, progress, body, request: FakeXMLHttpRequest.requests[0] };
}

test("a part is put with its headers and reports its progress", async () => {
    const { done, request, progress, body } = startPut();
    assert.equal(request.target, "PUT https://store.test/1");
    assert.deepEqual(request.headers, { "x-amz-checksum-sha256": "abc" });
    assert.equal(request.body, body);
    request.progress(3);
    request.progress(5);
    request.respond(200);
    await done;
    assert.deepEqual(progress, [3, 5]);
});

test("an error status rejects with PartRejectedError", async () => {
    const { done, request } = startPut();
    request.respond(403);
    await assert.rejects(done, (error) => error instanceof PartRejectedError && error.status === 403);
});

test("the signal aborts the request", async () => {
    const { done, request, abort } = startPut();
    abort.abort();
    assert.ok(request.aborted);
    await assert.rejects(done, PartRejectedError);
});

test("a request without progress for a minute is aborted", async () => {
    const { done, request } = startPut();
    mock.timers.tick(59_000);
    request.progress(1);
    mock.timers.tick(59_000);
    assert.equal(request.aborted, false);
    mock.timers.tick(1_000);
    assert.ok(request.aborted);
    await assert.rejects(done, PartRejectedError);
});

test("a checksum is lower-case hexadecimal SHA-256", async () => {
    // The example of FIPS 180-2, appendix B.1.
    const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.equal(await sha256Hex(new Blob(["abc"])), expected);
});
