// @ts-check
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { describePosition, translateLabel } from "../../web/static/web/watch/player_labels.js";

afterEach(() => {
    globalThis.gettext = undefined;
});

test("the labels of media-chrome become ours", () => {
    assert.equal(translateLabel("seek back 10 seconds"), "Skip back 10 seconds");
    assert.equal(translateLabel("seek forward 1 seconds"), "Skip forward 1 second");
    assert.equal(translateLabel("enter fullscreen mode"), "Enter full screen");
});

test("a translated label is not translated again", () => {
    globalThis.gettext = (message) => `¡${message}!`;
    const translated = translateLabel("play");
    assert.equal(translated, "¡Play!");
    assert.equal(translateLabel(translated), translated);
});

test("an unknown label stays, also one with the name of an object member", () => {
    assert.equal(translateLabel("audio player"), "audio player");
    assert.equal(translateLabel("constructor"), "constructor");
});

test("positions are described in words", () => {
    assert.equal(describePosition(0, 120), "0 seconds of 2 minutes");
    assert.equal(describePosition(65.9, 121), "1 minute, 5 seconds of 2 minutes, 1 second");
});
