// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, mock, test } from "node:test";
import { UploadApi } from "../../web/static/web/tell/upload_api.js";
import {
    RetriesExhaustedError,
    UploadCancelledError,
    UploadQueue,
} from "../../web/static/web/tell/upload_queue.js";
import { FakeConnection, FakeServer, partNumber, problem, putOf, settle, waitUntil } from "./fake_server.mjs";

/** @import { PartRequest } from "../../web/static/web/tell/s3_part.js" */

const CONTENT = "AAAABBBBCCCCDDDDEE"; // four parts of four bytes and one of two
const realFetch = globalThis.fetch;
/** @type {FakeServer} */
let server;
/** @type {FakeConnection} */
let connection;

beforeEach(() => {
    server = new FakeServer();
    connection = new FakeConnection();
    globalThis.fetch = server.fetch;
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
    mock.method(Math, "random", () => 1); // back-off delays are at their longest
});

afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
    globalThis.fetch = realFetch;
});

/** @param {{ verify_part_checksums?: boolean, stored?: number[], putPart?: (part: PartRequest) => Promise<void> }} [options] */
function queueFor({ verify_part_checksums = false, stored = [], putPart = server.putPart } = {}) {
    const upload = server.addUpload({ size: CONTENT.length, verify_part_checksums });
    for (const number of stored) {
        const text = CONTENT.slice(4 * (number - 1), 4 * number);
        server.stored.set(number, Buffer.from(text));
        upload.parts.push({ number, size: text.length });
    }
    const api = new UploadApi("/api/v1/uploads");
    return new UploadQueue(new Blob([CONTENT]), upload, {
        presignParts: (partNumbers, checksums) => api.presignParts(upload.id, partNumbers, checksums),
        putPart,
        connection,
    });
}

function sentParts() {
    return server.requestsTo("PUT", /partNumber/).map(({ url }) => partNumber(url));
}

/** A transport that holds every part until the test releases it. */
function heldTransport() {
    /** @type {{ part: PartRequest, release: () => void }[]} */
    const held = [];
    const putPart = (/** @type {PartRequest} */ part) =>
        new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
            part.signal.addEventListener("abort", () => reject(new Error("aborted")));
            held.push({ part, release: () => server.putPart(part).then(resolve, reject) });
        });
    return { held, putPart };
}

test("every part reaches the store and the last one is shorter", async () => {
    await queueFor().run();
    assert.equal(server.content, CONTENT);
    assert.equal(server.stored.get(5)?.length, 2);
});

test("only parts that the store lacks are sent", async () => {
    await queueFor({ stored: [1, 3] }).run();
    assert.deepEqual(sentParts().sort(), [2, 4, 5]);
    assert.equal(server.content, CONTENT);
});

test("the short last part counts with its own size", () => {
    assert.equal(queueFor({ stored: [1, 5] }).bytesSent, 6);
});

test("at most three parts are sent at the same time", async () => {
    const { held, putPart } = heldTransport();
    const run = queueFor({ putPart }).run();
    await waitUntil(() => held.length === 3);
    await settle();
    assert.equal(held.length, 3);
    held[0].release();
    await waitUntil(() => held.length === 4);
    for (let next = 1; next < 5; next += 1) {
        await waitUntil(() => held.length > next);
        held[next].release();
    }
    await run;
    assert.equal(server.content, CONTENT);
});

test("a rejected part is retried after one second and then after two", async () => {
    for (let failures = 0; failures < 2; failures += 1)
        server.interceptOnce(putOf(1), () => new Response("", { status: 503 }));
    const run = queueFor().run();
    const attempts = () => sentParts().filter((number) => number === 1).length;
    await waitUntil(() => server.stored.size === 4);
    await settle();
    assert.equal(attempts(), 1);
    mock.timers.tick(999);
    await settle();
    assert.equal(attempts(), 1);
    mock.timers.tick(1);
    await waitUntil(() => attempts() === 2);
    await settle();
    mock.timers.tick(1_999);
    await settle();
    assert.equal(attempts(), 2);
    mock.timers.tick(1);
    await run;
    assert.equal(attempts(), 3);
    assert.equal(server.content, CONTENT);
});

test("after eight failed attempts the queue gives up and sends nothing more", async () => {
    const attempts = { 5: 0 };
    const run = queueFor({
        stored: [1, 2, 3, 4],
        putPart: async () => {
            attempts[5] += 1;
            throw new Error("no route");
        },
    }).run();
    const outcome = assert.rejects(run, RetriesExhaustedError);
    for (let round = 0; round < 8; round += 1) {
        await settle();
        mock.timers.tick(30_000);
    }
    await outcome;
    assert.equal(attempts[5], 8);
    mock.timers.tick(60_000);
    await settle();
    assert.equal(attempts[5], 8);
});

test("an upload that the API no longer knows fails at once and stops the other parts", async () => {
    const { held, putPart } = heldTransport();
    const queue = queueFor({ putPart, verify_part_checksums: true });
    server.interceptOnce(
        (method, url) => method === "POST" && url.endsWith("/parts"),
        () => problem(404, "This upload does not exist."),
    );
    await assert.rejects(queue.run(), /This upload does not exist/);
    await settle();
    assert.ok(held.every(({ part }) => part.signal.aborted));
    assert.equal(server.stored.size, 0);
});

test("a rate limit of the API is retried", async () => {
    server.interceptOnce(
        (method, url) => method === "POST" && url.endsWith("/parts"),
        () => problem(429, "Too many requests."),
    );
    const run = queueFor().run();
    await settle();
    mock.timers.tick(1_000);
    await run;
    assert.equal(server.content, CONTENT);
});

test("a URL that expires within a minute is replaced before its part is sent", async () => {
    const { held, putPart } = heldTransport();
    server.urlLifetimeSeconds = 300;
    const run = queueFor({ putPart }).run();
    await waitUntil(() => held.length === 3);
    const before = server.requestsTo("POST", /parts$/).length;
    mock.timers.tick(240_000); // one minute is left
    held[0].release();
    await waitUntil(() => held.length === 4);
    assert.equal(server.requestsTo("POST", /parts$/).length, before + 1);
    for (let next = 1; next < 5; next += 1) {
        await waitUntil(() => held.length > next);
        held[next].release();
    }
    await run;
    assert.equal(server.content, CONTENT);
});

test("a part whose URL the store rejects is sent again to a fresh URL", async () => {
    server.interceptOnce(putOf(2), () => new Response("expired", { status: 403 }));
    const run = queueFor().run();
    await waitUntil(() => server.stored.size === 4);
    await settle();
    mock.timers.tick(1_000);
    await run;
    const urls = server.requestsTo("PUT", /partNumber=2/).map(({ url }) => url);
    assert.equal(urls.length, 2);
    assert.notEqual(urls[0], urls[1]);
    assert.equal(server.content, CONTENT);
});

test("while offline nothing is sent, and the outage uses up no attempts", async () => {
    connection.online = false;
    const run = queueFor().run();
    for (let round = 0; round < 20; round += 1) {
        mock.timers.tick(60_000);
        await settle();
    }
    assert.deepEqual(sentParts(), []);
    connection.reconnect();
    await run;
    assert.equal(server.content, CONTENT);
});

test("parts that an outage interrupts are sent again when the browser is online", async () => {
    const { held, putPart } = heldTransport();
    const run = queueFor({ putPart }).run();
    await waitUntil(() => held.length === 3);
    connection.online = false;
    server.isOffline = true;
    for (const { release } of held) release();
    await settle();
    assert.equal(server.stored.size, 0);
    assert.equal(held.length, 3);
    server.isOffline = false;
    connection.reconnect();
    for (let next = 3; next < 8; next += 1) {
        await waitUntil(() => held.length > next);
        held[next].release();
    }
    await run;
    assert.equal(server.content, CONTENT);
});

test("a pause aborts requests, sends nothing, and resuming finishes the upload", async () => {
    const { held, putPart } = heldTransport();
    const queue = queueFor({ putPart });
    const run = queue.run();
    await waitUntil(() => held.length === 3);
    queue.pause();
    assert.ok(queue.isPaused);
    assert.ok(held.every(({ part }) => part.signal.aborted));
    mock.timers.tick(120_000);
    await settle();
    assert.equal(held.length, 3);
    queue.resume();
    for (let next = 3; next < 8; next += 1) {
        await waitUntil(() => held.length > next);
        held[next].release();
    }
    await run;
    assert.equal(server.content, CONTENT);
});

test("pausing more often than the limit of attempts does not fail the upload", async () => {
    const { held, putPart } = heldTransport();
    const queue = queueFor({ putPart, stored: [1, 2, 3, 4] });
    const run = queue.run();
    for (let round = 1; round <= 12; round += 1) {
        await waitUntil(() => held.length === round);
        queue.pause();
        await settle();
        queue.resume();
    }
    await waitUntil(() => held.length === 13);
    held[12].release();
    await run;
    assert.equal(server.content, CONTENT);
});

test("a pause while the URL is being requested lets no byte go", async () => {
    /** @type {(response: Response) => void} */
    let answer = () => {};
    server.interceptOnce(
        (method, url) => method === "POST" && url.endsWith("/parts"),
        () =>
            new Promise((resolve) => {
                answer = resolve;
            }),
    );
    const queue = queueFor({ stored: [1, 2, 3, 4] });
    const run = queue.run();
    await waitUntil(() => server.interceptors.length === 0);
    await settle();
    queue.pause();
    answer(
        Response.json({
            items: [{ number: 5, url: "https://store.test/x?partNumber=5", seconds: 600, headers: {} }],
        }),
    );
    await settle();
    assert.deepEqual(sentParts(), []);
    queue.cancel();
    await assert.rejects(run, UploadCancelledError);
});

test("cancelling aborts requests and rejects with UploadCancelledError", async () => {
    const { held, putPart } = heldTransport();
    const queue = queueFor({ putPart });
    const run = queue.run();
    await waitUntil(() => held.length === 3);
    queue.cancel();
    queue.resume();
    queue.pause();
    await assert.rejects(run, UploadCancelledError);
    assert.ok(held.every(({ part }) => part.signal.aborted));
    await settle();
    assert.equal(held.length, 3);
});

test("cancelling during a back-off or a pause does not wait for it", async () => {
    server.interceptOnce(putOf(5), () => new Response("", { status: 500 }));
    const waiting = queueFor({ stored: [1, 2, 3, 4] });
    const run = waiting.run();
    await waitUntil(() => sentParts().length === 1);
    await settle();
    waiting.cancel();
    await assert.rejects(run, UploadCancelledError);

    const paused = queueFor({ stored: [1, 2, 3, 4] });
    paused.pause();
    const pausedRun = paused.run();
    await settle();
    paused.cancel();
    await assert.rejects(pausedRun, UploadCancelledError);
});

test("a part that is corrupted in flight is rejected by its checksum and sent again", async () => {
    let corrupted = 0;
    const run = queueFor({
        verify_part_checksums: true,
        putPart: (part) => {
            const corrupt = partNumber(part.url) === 3 && corrupted === 0;
            if (corrupt) corrupted += 1;
            return server.putPart(corrupt ? { ...part, body: new Blob(["\0\0\0\0"]) } : part);
        },
    }).run();
    await waitUntil(() => server.stored.size === 4);
    await settle();
    mock.timers.tick(1_000);
    await run;
    assert.equal(corrupted, 1);
    assert.equal(server.content, CONTENT);
});

test("an upload that checks parts presigns each part alone with its SHA-256", async () => {
    await queueFor({ verify_part_checksums: true }).run();
    const bodies = /** @type {{ part_numbers: number[], sha256: string[] }[]} */ (
        server.requestsTo("POST", /parts$/).map(({ body }) => body)
    );
    assert.equal(bodies.length, 5);
    for (const { part_numbers, sha256 } of bodies) {
        assert.equal(part_numbers.length, 1);
        const text = CONTENT.slice(4 * (part_numbers[0] - 1), 4 * part_numbers[0]);
        assert.deepEqual(sha256, [createHash("sha256").update(text).digest("hex")]);
    }
});

test("an upload without checksums presigns pending parts together", async () => {
    await queueFor({ stored: [2] }).run();
    // Parts 3 and 4 are in the other two lanes.
    const [first] = server.requestsTo("POST", /parts$/);
    assert.deepEqual(first.body, { part_numbers: [1, 5] });
});

test("progress counts stored bytes and bytes on their way, and forgets those of an aborted request", async () => {
    const { held, putPart } = heldTransport();
    const queue = queueFor({ putPart, stored: [1] });
    assert.equal(queue.bytesSent, 4);
    assert.equal(queue.bytesPerSecond, 0);
    const run = queue.run();
    await waitUntil(() => held.length === 3);
    held[0].part.onProgress(3);
    assert.equal(queue.bytesSent, 7);
    mock.timers.tick(2_000);
    assert.equal(queue.bytesPerSecond, 1.5);
    assert.equal(queue.secondsLeft, 11 / 1.5);
    held[1].release();
    await waitUntil(() => queue.storedBytes === 8);
    assert.equal(queue.bytesPerSecond, 3.5);
    queue.pause();
    await settle();
    assert.equal(queue.bytesSent, 8);
    assert.equal(queue.secondsLeft, null);
    queue.cancel();
    await assert.rejects(run, UploadCancelledError);
});
