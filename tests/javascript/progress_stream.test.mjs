// @ts-check
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { followProgress } from "../../web/static/web/tell/progress_stream.js";
import { settle } from "./fake_server.mjs";

/** @import { ProcessingProgress } from "../../web/static/web/tell/progress_stream.js" */

class FakeEventSource extends EventTarget {
    static CLOSED = 2;
    /** @type {FakeEventSource[]} */
    static opened = [];
    readyState = 0;

    /** @param {string} url */
    constructor(url) {
        super();
        this.url = url;
        FakeEventSource.opened.push(this);
    }

    close() {
        this.readyState = FakeEventSource.CLOSED;
    }

    /**
     * @param {string} type
     * @param {Partial<ProcessingProgress>} progress
     */
    send(type, progress) {
        this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(progress) }));
    }

    fail() {
        this.dispatchEvent(new Event("error"));
    }
}

const URLS = { eventsUrl: "/progress/events", progressUrl: "/progress" };
const browser = /** @type {{ EventSource?: unknown }} */ (globalThis);
const realEventSource = browser.EventSource;
const realFetch = globalThis.fetch;
/** @type {ProcessingProgress[]} */
let received;
/** @type {(() => Response | Promise<Response>)[]} answers to polls, in order */
let answers;
let polls = 0;

beforeEach(() => {
    received = [];
    answers = [];
    polls = 0;
    FakeEventSource.opened = [];
    browser.EventSource = FakeEventSource;
    globalThis.fetch = async () => {
        polls += 1;
        return answers.shift()?.() ?? Response.json({ percent: 1, message: "1%", finished: false });
    };
    mock.timers.enable({ apis: ["setTimeout"] });
});

afterEach(() => {
    mock.timers.reset();
    browser.EventSource = realEventSource;
    globalThis.fetch = realFetch;
});

function follow() {
    followProgress(URLS, (progress) => received.push(progress));
    return FakeEventSource.opened[0];
}

/** @param {number} milliseconds */
async function pass(milliseconds) {
    mock.timers.tick(milliseconds);
    await settle();
}

test("messages of the stream are passed on, and nothing is polled", async () => {
    const events = follow();
    assert.equal(events.url, "/progress/events");
    events.send("message", { percent: 10, message: "10%" });
    await pass(60_000);
    assert.deepEqual(received, [{ percent: 10, message: "10%" }]);
    assert.equal(polls, 0);
});

test("the last event closes the stream", () => {
    const events = follow();
    events.send("finished", { percent: 100, finished: true });
    assert.equal(received.length, 1);
    assert.equal(events.readyState, FakeEventSource.CLOSED);
});

test("after three errors in a row the progress is polled every three seconds", async () => {
    const events = follow();
    events.fail();
    events.fail();
    await pass(3_000);
    assert.equal(polls, 0);
    events.fail();
    assert.equal(events.readyState, FakeEventSource.CLOSED);
    await pass(2_999);
    assert.equal(polls, 0);
    await pass(1);
    assert.equal(polls, 1);
    await pass(3_000);
    assert.equal(polls, 2);
    assert.equal(received.length, 2);
});

test("a message between errors keeps the stream", async () => {
    const events = follow();
    for (let round = 0; round < 5; round += 1) {
        events.fail();
        events.fail();
        events.send("message", { percent: round });
    }
    await pass(10_000);
    assert.equal(polls, 0);
});

test("a stream that the browser gives up is replaced by polling at once", async () => {
    const events = follow();
    events.readyState = FakeEventSource.CLOSED;
    events.fail();
    await pass(3_000);
    assert.equal(polls, 1);
});

test("a browser without EventSource polls until processing has ended", async () => {
    delete browser.EventSource;
    followProgress(URLS, (progress) => received.push(progress));
    answers = [
        () => Response.json({ percent: 50, finished: false }),
        () => Response.json({ percent: 100, finished: true }),
    ];
    await pass(3_000);
    await pass(3_000);
    await pass(60_000);
    assert.equal(polls, 2);
    assert.deepEqual(
        received.map(({ percent }) => percent),
        [50, 100],
    );
});

test("failed polls wait twice as long each time, up to thirty seconds, and a success resets that", async () => {
    delete browser.EventSource;
    followProgress(URLS, (progress) => received.push(progress));
    const unavailable = () => new Response("", { status: 503 });
    const offline = () => Promise.reject(new TypeError("Failed to fetch"));
    answers = [unavailable, offline, unavailable, unavailable, unavailable];
    for (const [wait, expected] of [
        [3_000, 1],
        [6_000, 2],
        [12_000, 3],
        [24_000, 4],
        [30_000, 5],
        [30_000, 6],
        [3_000, 7],
    ]) {
        await pass(wait - 1);
        assert.equal(polls, expected - 1);
        await pass(1);
        assert.equal(polls, expected);
    }
    assert.equal(received.length, 2);
});
