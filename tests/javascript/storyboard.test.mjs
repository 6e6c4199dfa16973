// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findTileAt, parseStoryboard, sampleTiles } from "../../web/static/web/shared/storyboard.js";

const VTT = `WEBVTT

00:00:00.000 --> 00:00:02.000
storyboard.jpg#xywh=0,0,160,90

00:00:02.000 --> 00:00:04.000
storyboard.jpg#xywh=160,0,160,90

01:01:04.500 --> 01:01:06.000
storyboard.jpg#xywh=320,90,160,90
`;

test("each cue is a tile with its start and its place in the image", () => {
    const tiles = parseStoryboard(VTT);
    assert.equal(tiles.length, 3);
    assert.deepEqual(tiles[1], { at: 2, image: "storyboard.jpg", x: 160, y: 0, width: 160, height: 90 });
    assert.equal(tiles[2].at, 3_664.5);
});

test("cues without a tile are left out", () => {
    assert.deepEqual(parseStoryboard("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nplain text"), []);
});

test("the tile of a time is the last one that has started", () => {
    const tiles = parseStoryboard(VTT);
    assert.equal(findTileAt(tiles, 1.99)?.at, 0);
    assert.equal(findTileAt(tiles, 2)?.at, 2);
    assert.equal(findTileAt(tiles, 9_999)?.at, 3_664.5);
    assert.equal(findTileAt(tiles, Number.NaN), null);
    assert.equal(findTileAt(tiles.slice(1), 1), null);
});

test("a sample spreads over the whole recording and never repeats a tile", () => {
    const tiles = Array.from({ length: 100 }, (_, at) => ({
        at,
        image: "s.jpg",
        x: 0,
        y: 0,
        width: 1,
        height: 1,
    }));
    assert.deepEqual(
        sampleTiles(tiles, 4).map(({ at }) => at),
        [0, 25, 50, 75],
    );
    assert.deepEqual(
        sampleTiles(tiles.slice(0, 3), 12).map(({ at }) => at),
        [0, 1, 2],
    );
    assert.deepEqual(sampleTiles([], 12), []);
});
