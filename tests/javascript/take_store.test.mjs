// @ts-check
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { TakeStore } from "../../web/static/web/tell/record/take_store.js";
import { withStoredDetails } from "../../web/static/web/tell/record/take_upload.js";

// What TakeDatabase does, in memory.
class FakeDatabase {
    /** @type {Map<string, unknown>} */
    values = new Map();
    isFull = false;

    /**
     * @template T
     * @param {string} name
     * @returns {Promise<T | undefined>}
     */
    async get(name) {
        return /** @type {T | undefined} */ (this.values.get(name));
    }

    /**
     * @param {string} name
     * @param {unknown} value
     */
    async put(name, value) {
        if (this.isFull) throw new DOMException("full", "QuotaExceededError");
        this.values.set(name, value);
    }

    /** @param {string} name */
    async delete(name) {
        this.values.delete(name);
    }

    async clear() {
        this.values.clear();
    }
}

const CHAPTERS = ["start", "doubt", "message"];
/** @type {FakeDatabase} */
let database;

beforeEach(() => {
    database = new FakeDatabase();
});

function newStore() {
    return new TakeStore("s1", CHAPTERS, database);
}

/** @param {number} seconds */
function take(seconds) {
    return { blob: new Blob(["x"]), seconds, width: 0, height: 0, mode: /** @type {const} */ ("audio") };
}

const JOINED = { blob: new Blob(["xy"]), name: "my story.webm", chapters: [], upload: "u1" };

test("takes survive a reload in the order of the chapters", async () => {
    const store = newStore();
    await store.saveTake("message", take(3));
    await store.saveTake("start", take(2));
    const reloaded = newStore();
    assert.equal(reloaded.mode, null);
    await reloaded.load();
    assert.deepEqual(reloaded.recordedChapters, ["start", "message"]);
    assert.equal(reloaded.mode, "audio");
    assert.equal(reloaded.totalSeconds, 5);
    assert.equal(reloaded.secondsWithout("start"), 3);
});

test("the last chapter has no next one", () => {
    assert.equal(newStore().chapterAfter("start"), "doubt");
    assert.equal(newStore().chapterAfter("message"), null);
});

test("a take that the browser cannot store lasts as long as the page", async () => {
    database.isFull = true;
    const store = newStore();
    await assert.rejects(store.saveTake("start", take(2)), { name: "QuotaExceededError" });
    assert.deepEqual(store.recordedChapters, ["start"]);
    const reloaded = newStore();
    await reloaded.load();
    assert.deepEqual(reloaded.recordedChapters, []);
});

test("a joined recording is resumed after a reload until a take changes", async () => {
    const store = newStore();
    await store.saveTake("start", take(2));
    await store.saveJoined(JOINED);
    const reloaded = newStore();
    await reloaded.load();
    assert.equal(reloaded.joined?.upload, "u1");
    await reloaded.saveTake("doubt", take(1));
    assert.equal(reloaded.joined, null);
    await reloaded.saveJoined(JOINED);
    await reloaded.deleteTake("doubt");
    const again = newStore();
    await again.load();
    assert.equal(again.joined, null);
    assert.deepEqual(again.recordedChapters, ["start"]);
});

test("clearing removes takes and joined recording", async () => {
    const store = newStore();
    await store.saveTake("start", take(2));
    await store.saveJoined(JOINED);
    await store.clear();
    assert.equal(database.values.size, 0);
    assert.deepEqual([store.totalSeconds, store.joined], [0, null]);
});

test("a chapter that is recorded again keeps its text, barrier and rung", () => {
    const stored = [
        { kind: "start", start_ms: 500, text: "At first", barrier: "freezing", rung: 1 },
        { kind: "step", start_ms: 9_000, text: "", barrier: null, rung: null },
    ];
    const recorded = [
        { kind: "start", start_ms: 0 },
        { kind: "doubt", start_ms: 4_000 },
    ];
    assert.deepEqual(withStoredDetails(recorded, stored), [
        { kind: "start", start_ms: 0, text: "At first", barrier: "freezing", rung: 1 },
        { kind: "doubt", start_ms: 4_000, text: "", barrier: null, rung: null },
    ]);
});
