// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { parseTimeFragment, ResumePosition } from "../../web/static/web/watch/resume_position.js";
import { installFakeStorage } from "./fake_storage.mjs";

const DAY_MS = 24 * 3600 * 1000;
/** @type {ReturnType<typeof installFakeStorage>} */
let storage;

beforeEach(() => {
    storage = installFakeStorage();
    mock.timers.enable({ apis: ["Date"], now: 100 * DAY_MS });
});
afterEach(() => mock.timers.reset());

/** @param {{ viewer?: string, story?: string }} [options] */
function positionOf({ viewer = "ana", story = "s1" } = {}) {
    return new ResumePosition({ viewer, story, duration: 100 });
}

test("only a Media Fragment with one time is a position", () => {
    assert.equal(parseTimeFragment("#t=90"), 90);
    assert.equal(parseTimeFragment("#t=1.5"), 1.5);
    for (const hash of ["", "#t=", "#t=1,5", "#t=10,20", "#chapters", "#xt=5"]) {
        assert.equal(parseTimeFragment(hash), null, hash);
    }
});

test("the whole second at which somebody stopped is restored", () => {
    positionOf().save(42.7);
    assert.equal(positionOf().load(), 42);
});

test("a position at the very start or near the end is forgotten", () => {
    for (const [seconds, expected] of [
        [4.9, null],
        [5, 5],
        [90, 90],
        [90.1, null],
    ]) {
        positionOf().save(50);
        positionOf().save(/** @type {number} */ (seconds));
        assert.equal(positionOf().load(), expected);
    }
});

test("positions belong to one person and one story", () => {
    positionOf().save(42);
    assert.equal(positionOf({ viewer: "sam" }).load(), null);
    assert.equal(positionOf({ story: "s2" }).load(), null);
});

test("without a story nothing is stored", () => {
    const position = new ResumePosition({ viewer: "mo", story: undefined, duration: 100 });
    position.save(42);
    assert.equal(position.load(), null);
    assert.equal(storage.items.size, 0);
});

test("a position is dropped after sixty days", () => {
    positionOf().save(42);
    mock.timers.tick(60 * DAY_MS);
    positionOf({ story: "s2" }).save(10);
    assert.equal(positionOf().load(), null);
    assert.equal(positionOf({ story: "s2" }).load(), 10);
});

test("the fifty most recent stories are kept", () => {
    for (let story = 1; story <= 51; story += 1) positionOf({ story: `s${story}` }).save(42);
    assert.equal(positionOf({ story: "s1" }).load(), null);
    assert.equal(positionOf({ story: "s2" }).load(), 42);
    assert.equal(positionOf({ story: "s51" }).load(), 42);
});

test("disabled or damaged storage means starting from the beginning", () => {
    storage.items.set("sameboat.positions.ana", "{broken");
    assert.equal(positionOf().load(), null);
    storage.isDisabled = true;
    positionOf().save(42);
    assert.equal(positionOf().load(), null);
});
