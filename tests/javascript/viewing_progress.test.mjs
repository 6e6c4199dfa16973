// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { reportViewingProgress } from "../../web/static/web/watch/viewing_progress.js";

const browser = /** @type {{ window?: unknown }} */ (globalThis);
const realFetch = globalThis.fetch;
/** @type {{ url: string, options: RequestInit }[]} */
let reports;
/** @type {EventTarget & { currentTime: number }} */
let video;
let page = new EventTarget();

beforeEach(() => {
    reports = [];
    page = new EventTarget();
    browser.window = page;
    globalThis.fetch = async (url, options = {}) => {
        reports.push({ url: String(url), options });
        throw new TypeError("Failed to fetch");
    };
    mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
    video = Object.assign(new EventTarget(), { currentTime: 0 });
    const element = /** @type {HTMLVideoElement} */ (/** @type {unknown} */ (video));
    reportViewingProgress(element, { url: "/how-far", slate: "s1" });
});

afterEach(() => {
    mock.timers.reset();
    globalThis.fetch = realFetch;
    delete browser.window;
});

/** @param {number} seconds */
function playTo(seconds) {
    video.currentTime = seconds;
    video.dispatchEvent(new Event("timeupdate"));
}

function furthest() {
    return reports.map(({ options }) => /** @type {URLSearchParams} */ (options.body).get("furthest_ms"));
}

test("progress is reported at most every fifteen seconds", () => {
    playTo(1.5);
    playTo(2);
    mock.timers.tick(15_000);
    playTo(10);
    mock.timers.tick(1);
    playTo(12);
    assert.deepEqual(furthest(), ["1500", "12000"]);
});

test("a pause and leaving the page report what is new, once", () => {
    playTo(1);
    playTo(4);
    video.dispatchEvent(new Event("pause"));
    video.dispatchEvent(new Event("pause"));
    playTo(5);
    page.dispatchEvent(new Event("pagehide"));
    page.dispatchEvent(new Event("pagehide"));
    assert.deepEqual(furthest(), ["1000", "4000", "5000"]);
});

test("going back does not take progress back", () => {
    playTo(30);
    playTo(3);
    video.dispatchEvent(new Event("pause"));
    assert.deepEqual(furthest(), ["30000"]);
});

test("a page that is left before playback reports nothing", () => {
    video.dispatchEvent(new Event("pause"));
    page.dispatchEvent(new Event("pagehide"));
    assert.deepEqual(reports, []);
});

test("a report survives the end of the page and names the slate", () => {
    playTo(1);
    assert.equal(reports[0].url, "/how-far");
    assert.equal(reports[0].options.keepalive, true);
    assert.equal(reports[0].options.method, "POST");
    assert.equal(/** @type {URLSearchParams} */ (reports[0].options.body).get("slate"), "s1");
});
