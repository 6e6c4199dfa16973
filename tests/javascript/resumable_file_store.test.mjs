// @ts-check
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ResumableFileStore } from "../../web/static/web/tell/resumable_file_store.js";
import { installFakeStorage } from "./fake_storage.mjs";

const FILE = { name: "my story.mp4", size: 100, lastModified: 7 };
/** @type {ReturnType<typeof installFakeStorage>} */
let storage;

beforeEach(() => {
    storage = installFakeStorage();
});

test("a reload finds the upload of a file", () => {
    new ResumableFileStore("k").save("u1", FILE);
    assert.deepEqual(new ResumableFileStore("k").load(), { upload: "u1", ...FILE });
    assert.equal(new ResumableFileStore("other").load(), null);
});

test("a file matches only with the same name, size and time of change", () => {
    const store = new ResumableFileStore("k");
    assert.equal(store.matches(FILE), false);
    store.save("u1", FILE);
    assert.equal(store.matches({ ...FILE }), true);
    assert.equal(store.matches({ ...FILE, name: "another.mp4" }), false);
    assert.equal(store.matches({ ...FILE, size: 101 }), false);
    assert.equal(store.matches({ ...FILE, lastModified: 8 }), false);
});

test("clearing forgets the file", () => {
    const store = new ResumableFileStore("k");
    store.save("u1", FILE);
    store.clear();
    assert.equal(store.load(), null);
});

test("disabled storage only means that a reload cannot continue", () => {
    storage.isDisabled = true;
    const store = new ResumableFileStore("k");
    store.save("u1", FILE);
    store.clear();
    assert.equal(store.load(), null);
});
