// @ts-check
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
    formatBytes,
    formatClock,
    formatPercent,
    formatSpeed,
    formatTimeLeft,
} from "../../web/static/web/shared/format.js";

const browser = /** @type {{ document?: unknown }} */ (globalThis);

afterEach(() => {
    delete browser.document;
});

/** @param {string} lang */
function setPageLanguage(lang) {
    browser.document = { documentElement: { lang } };
}

// Intl separates numbers and units with several kinds of space.
/** @param {string} text */
function withPlainSpaces(text) {
    return text.replace(/\s/g, " ");
}

test("sizes have one decimal, and gigabytes from 1024 megabytes", () => {
    assert.equal(formatBytes(0), "0.0 MB");
    assert.equal(formatBytes(20 * 1024 ** 2), "20.0 MB");
    assert.equal(formatBytes(1.5 * 1024 ** 3), "1.5 GB");
    assert.equal(formatSpeed(2.5 * 1024 ** 2), "2.5 MB/s");
});

test("numbers follow the language of the page", () => {
    setPageLanguage("de");
    assert.equal(withPlainSpaces(formatBytes(20.5 * 1024 ** 2)), "20,5 MB");
    assert.equal(withPlainSpaces(formatPercent(50)), "50 %");
    setPageLanguage("en-GB");
    assert.equal(formatPercent(50), "50%");
});

test("positions are minutes and seconds, with hours only where there are any", () => {
    assert.equal(formatClock(0), "0:00");
    assert.equal(formatClock(65.9), "1:05");
    assert.equal(formatClock(599), "9:59");
    assert.equal(formatClock(3_600), "1:00:00");
    assert.equal(formatClock(3_725), "1:02:05");
});

test("the time left is rounded up", () => {
    assert.equal(formatTimeLeft(9.9), "A few seconds left");
    assert.equal(formatTimeLeft(10), "About 10 seconds left");
    assert.equal(formatTimeLeft(51), "About 60 seconds left");
    assert.equal(formatTimeLeft(60), "About 1 minute left");
    assert.equal(formatTimeLeft(61), "About 2 minutes left");
});
