// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ApiError, NetworkError } from "../../web/static/web/shared/api_client.js";
import { UploadApi } from "../../web/static/web/tell/upload_api.js";
import { UploadCancelledError } from "../../web/static/web/tell/upload_queue.js";
import { UploadLockedError, UploadSession } from "../../web/static/web/tell/upload_session.js";
import { FakeConnection, FakeServer, problem, RECORDING_URL, settle, waitUntil } from "./fake_server.mjs";

const CONTENT = "AAAABBBBCCCCDD";
const FILE = new File([CONTENT], "my story.mp4", { type: "video/mp4" });
const realFetch = globalThis.fetch;
/** @type {FakeServer} */
let server;

beforeEach(() => {
    server = new FakeServer();
    globalThis.fetch = server.fetch;
});

afterEach(() => {
    globalThis.fetch = realFetch;
});

// Web Locks of one browser: one holder per name, and `ifAvailable` does not wait.
class FakeLocks {
    /** @type {Map<string, Promise<unknown>>} */
    #held = new Map();

    /**
     * @param {string} name
     * @param {LockOptions | ((lock: unknown) => unknown)} options
     * @param {(lock: unknown) => unknown} [callback]
     */
    async request(name, options, callback) {
        const action = typeof options === "function" ? options : callback;
        const ifAvailable = typeof options === "object" && options.ifAvailable;
        if (ifAvailable && this.#held.has(name)) return action?.(null);
        while (this.#held.has(name)) await this.#held.get(name);
        const work = Promise.resolve().then(() => action?.({ name }));
        const released = work.catch(() => {}).finally(() => this.#held.delete(name));
        this.#held.set(name, released);
        await released;
        return work;
    }
}

/** @param {{ locks?: FakeLocks, putPart?: FakeServer["putPart"] }} [options] */
function newSession({ locks = new FakeLocks(), putPart = server.putPart } = {}) {
    return new UploadSession({
        api: new UploadApi("/api/v1/uploads"),
        recordingUrl: RECORDING_URL,
        queueOptions: { putPart, connection: new FakeConnection() },
        locks: /** @type {Pick<LockManager, "request">} */ (/** @type {unknown} */ (locks)),
    });
}

const noop = () => {};

test("a file goes up, the upload is completed and attached to the story", async () => {
    const session = newSession();
    await session.openUpload(FILE);
    await session.sendFile(FILE, noop);
    const story = await session.attachToStory(1);
    assert.equal(server.content, CONTENT);
    assert.equal(server.uploads.get("u1")?.state, "complete");
    assert.equal(story.version, 2);
    assert.deepEqual(server.requestsTo("PUT", /recording/)[0].body, { expected_version: 1, upload: "u1" });
});

test("an open upload of the same name and size is resumed, on any device", async () => {
    server.addUpload({ size: CONTENT.length, file_name: FILE.name });
    server.stored.set(1, Buffer.from("AAAA"));
    const session = newSession();
    const upload = await session.openUpload(FILE);
    assert.equal(upload.id, "u1");
    await session.sendFile(FILE, noop);
    assert.equal(server.requestsTo("PUT", /partNumber=1/).length, 0);
    assert.equal(server.content, CONTENT);
});

test("an upload of another size or name is not resumed", async () => {
    server.addUpload({ size: CONTENT.length + 1, file_name: FILE.name });
    server.addUpload({ size: CONTENT.length, file_name: "another.mp4" });
    const upload = await newSession().openUpload(FILE);
    assert.equal(upload.id, "u3");
});

test("a new upload is created under an idempotency key of its own", async () => {
    await newSession().openUpload(FILE);
    const [request] = server.requestsTo("POST", /uploads$/);
    assert.match(request.headers.get("Idempotency-Key") ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(request.body, {
        file_name: "my story.mp4",
        size: CONTENT.length,
        content_type: "video/mp4",
        verify_part_checksums: true,
    });
});

test("a part that the store has lost is sent again before the upload is completed", async () => {
    const session = newSession();
    await session.openUpload(FILE);
    server.interceptOnce(
        (method, url) => method === "POST" && url.endsWith("/complete"),
        () => {
            server.stored.delete(2);
            return problem(409, "Parts are missing.");
        },
    );
    let rounds = 0;
    await session.sendFile(FILE, () => {
        rounds += 1;
    });
    assert.equal(rounds, 2);
    assert.equal(server.requestsTo("PUT", /partNumber=2/).length, 2);
    assert.equal(server.requestsTo("PUT", /partNumber=1/).length, 1);
    assert.equal(server.content, CONTENT);
});

test("an upload that cannot be completed fails after three rounds", async () => {
    const session = newSession();
    await session.openUpload(FILE);
    for (let round = 0; round < 5; round += 1) {
        server.interceptOnce(
            (method, url) => method === "POST" && url.endsWith("/complete"),
            () => problem(409, "Parts are missing."),
        );
    }
    await assert.rejects(session.sendFile(FILE, noop), /Parts are missing/);
    assert.equal(server.requestsTo("POST", /complete$/).length, 3);
});

test("any other error on completion is not retried", async () => {
    const session = newSession();
    await session.openUpload(FILE);
    server.interceptOnce(
        (method, url) => method === "POST" && url.endsWith("/complete"),
        () => problem(500, "Broken."),
    );
    await assert.rejects(session.sendFile(FILE, noop), /Broken/);
    assert.equal(server.requestsTo("POST", /complete$/).length, 1);
});

test("a second window does not send the same upload and learns when the first has finished", async () => {
    const locks = new FakeLocks();
    const [first, second] = [newSession({ locks }), newSession({ locks })];
    await first.openUpload(FILE);
    await second.openUpload(FILE);
    /** @type {(value: void) => void} */
    let finish = noop;
    const firstRun = first.withUploadLock(
        () =>
            new Promise((/** @type {(value: void) => void} */ resolve) => {
                finish = resolve;
            }),
    );
    await settle();
    let ran = false;
    const error = await second
        .withUploadLock(async () => {
            ran = true;
        })
        .catch((reason) => reason);
    assert.ok(error instanceof UploadLockedError);
    assert.equal(ran, false);
    let released = false;
    error.released.then(() => {
        released = true;
    });
    await settle();
    assert.equal(released, false);
    finish();
    await firstRun;
    await waitUntil(() => released);
    assert.equal(await second.withUploadLock(async () => "sent"), "sent");
});

test("windows with different uploads do not block each other", async () => {
    const locks = new FakeLocks();
    const [first, second] = [newSession({ locks }), newSession({ locks })];
    await first.openUpload(FILE);
    await second.openUpload(new File(["other"], "other.mp4"));
    const inner = await first.withUploadLock(() => second.withUploadLock(async () => "sent"));
    assert.equal(inner, "sent");
});

test("the lock is released when sending fails", async () => {
    const locks = new FakeLocks();
    const session = newSession({ locks });
    await session.openUpload(FILE);
    await assert.rejects(
        session.withUploadLock(async () => {
            throw new Error("failed");
        }),
        /failed/,
    );
    assert.equal(await session.withUploadLock(async () => "sent"), "sent");
});

test("without Web Locks the upload still goes up", async () => {
    const session = newSession();
    session.locks = undefined;
    await session.openUpload(FILE);
    assert.equal(await session.withUploadLock(async () => "sent"), "sent");
});

test("a story that changed in another window still gets its recording", async () => {
    const session = newSession();
    await session.openUpload(FILE);
    server.story = { ...server.story, version: 7 };
    const story = await session.attachToStory(1);
    assert.equal(story.version, 8);
    const expectedVersions = server
        .requestsTo("PUT", /recording/)
        .map(({ body }) => /** @type {{ expected_version: number }} */ (body).expected_version);
    assert.deepEqual(expectedVersions, [1, 7]);
});

test("a story that may no longer be edited keeps its recording", async () => {
    const session = newSession();
    await session.openUpload(FILE);
    server.story = { ...server.story, version: 7, editable: false };
    await assert.rejects(
        session.attachToStory(1),
        (error) => error instanceof ApiError && error.status === 409,
    );
    assert.equal(server.requestsTo("PUT", /recording/).length, 1);
});

test("a conflict that is not about the version is not retried", async () => {
    const session = newSession();
    await session.openUpload(FILE);
    server.interceptOnce(
        (method) => method === "PUT",
        () => problem(409, "The upload is in use.", { current: { ...server.story, version: 1 } }),
    );
    await assert.rejects(session.attachToStory(1), /The upload is in use/);
    assert.equal(server.requestsTo("PUT", /recording/).length, 1);
});

test("cancelling stops the queue and deletes the upload", async () => {
    /** @type {AbortSignal[]} */
    const signals = [];
    const session = newSession({
        putPart: ({ signal }) =>
            new Promise((_resolve, reject) => {
                signals.push(signal);
                signal.addEventListener("abort", () => reject(new Error("aborted")));
            }),
    });
    await session.openUpload(FILE);
    const sending = assert.rejects(session.sendFile(FILE, noop), UploadCancelledError);
    await waitUntil(() => signals.length === 3);
    await session.cancel();
    await sending;
    assert.equal(server.uploads.get("u1")?.state, "aborted");
    assert.equal(session.upload, null);
});

test("opening an upload while offline rejects with NetworkError", async () => {
    server.isOffline = true;
    await assert.rejects(newSession().openUpload(FILE), NetworkError);
});
