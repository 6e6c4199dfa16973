// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import {
    exactTimestamp,
    formatTimestamp,
    parseCues,
    parseTimestamp,
    serializeCues,
} from "../../web/static/web/shared/webvtt.js";

const VTT = `WEBVTT

00:00:01.000 --> 00:00:04.250
For ten years &amp; more
I put it off &lt;quietly&gt;.

01:00:05.000 --> 01:00:08.000
Then I said it.
`;

test("parsing and serialising gives the same text", () => {
    assert.equal(serializeCues(parseCues(VTT)), VTT);
});

test("cues have milliseconds and text without escapes", () => {
    assert.deepEqual(parseCues(VTT)[0], {
        start: 1_000,
        end: 4_250,
        text: "For ten years & more\nI put it off <quietly>.",
    });
    assert.equal(parseCues(VTT)[1].start, 3_605_000);
});

test("an escaped escape is not unescaped twice", () => {
    const cues = [{ start: 0, end: 1_000, text: "&lt; is <" }];
    assert.deepEqual(parseCues(serializeCues(cues)), cues);
});

test("Windows line ends are accepted", () => {
    assert.deepEqual(parseCues(VTT.replaceAll("\n", "\r\n")), parseCues(VTT));
});

test("text that would not survive serialising gives no cues", () => {
    assert.deepEqual(parseCues("no header\n\n00:01.000 --> 00:02.000\nx"), []);
    assert.deepEqual(parseCues("WEBVTT\n\nNOTE a comment\n\n00:01.000 --> 00:02.000\nx"), []);
    assert.deepEqual(parseCues("WEBVTT\n\ncue-1\n00:01.000 --> 00:02.000\nx"), []);
    assert.deepEqual(parseCues("WEBVTT\n\nsoon --> later\nx"), []);
});

test("blank lines inside a cue are removed, because they would end it", () => {
    assert.match(serializeCues([{ start: 0, end: 1, text: "one\n \ntwo\n" }]), /\none\ntwo\n$/);
});

test("timestamps are read as people type them", () => {
    assert.equal(parseTimestamp("1:02.5"), 62_500);
    assert.equal(parseTimestamp(" 62,5 "), 62_500);
    assert.equal(parseTimestamp("00:01:02.500"), 62_500);
    assert.equal(parseTimestamp("0"), 0);
    for (const typed of ["", "soon", "1:", ":30", "1:xx"])
        assert.ok(Number.isNaN(parseTimestamp(typed)), typed);
});

test("timestamps are shown in tenths and never with sixty seconds", () => {
    assert.equal(formatTimestamp(62_500), "1:02.5");
    assert.equal(formatTimestamp(59_960), "1:00.0");
    assert.equal(formatTimestamp(0), "0:00.0");
    assert.equal(formatTimestamp(3_600_000), "60:00.0");
});

test("exact timestamps have hours and milliseconds, and an invalid time is one that the server rejects", () => {
    assert.equal(exactTimestamp(3_723_045), "01:02:03.045");
    assert.equal(exactTimestamp(Number.NaN), "?");
});
