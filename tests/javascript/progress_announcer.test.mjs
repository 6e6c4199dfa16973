// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProgressAnnouncer } from "../../web/static/web/tell/progress_announcer.js";

/**
 * @param {[percent: number, message: string, finished?: boolean][]} messages
 * @returns {string[]} those that are announced
 */
function announced(messages) {
    const announcer = new ProgressAnnouncer();
    return messages
        .filter(([percent, message, finished = false]) =>
            announcer.shouldAnnounce({ percent, message, finished }),
        )
        .map(([, message]) => message);
}

test("the first message and every further 25 percent are announced", () => {
    const messages = [0, 5, 24, 25, 30, 51, 60, 76].map(
        (percent) => /** @type {[number, string]} */ ([percent, `${percent}%`]),
    );
    assert.deepEqual(announced(messages), ["0%", "25%", "51%", "76%"]);
});

test("a message without a percentage is announced once", () => {
    const messages = /** @type {[number, string][]} */ ([
        [0, "Waiting."],
        [0, "Waiting."],
        [1, "1%"],
        [2, "Stopped."],
        [2, "Stopped."],
    ]);
    assert.deepEqual(announced(messages), ["Waiting.", "1%", "Stopped."]);
});

test("an Arabic percent sign is a percentage too", () => {
    assert.deepEqual(
        announced([
            [1, "١٪"],
            [2, "٢٪"],
        ]),
        ["١٪"],
    );
});

test("the end is announced even shortly after another message", () => {
    assert.deepEqual(
        announced([
            [99, "99%"],
            [100, "100%", true],
        ]),
        ["99%", "100%"],
    );
});
