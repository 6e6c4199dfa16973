// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { joinCues, splitCue } from "../../web/static/web/tell/cue_editing.js";

const CUE = { start: 1_000, end: 3_000, text: "I put it off" };

test("a cue is split at the cursor and its time by the number of characters", () => {
    assert.deepEqual(splitCue(CUE, 6), [
        { start: 1_000, end: 2_000, text: "I put" },
        { start: 2_000, end: 3_000, text: "it off" },
    ]);
});

test("with the cursor at either end the cue is split at the space after its middle", () => {
    for (const position of [0, CUE.text.length]) {
        assert.deepEqual(
            splitCue(CUE, position)?.map(({ text }) => text),
            ["I put it", "off"],
        );
    }
    assert.deepEqual(
        splitCue({ ...CUE, text: "a bcdefghij" }, 0)?.map(({ text }) => text),
        ["a", "bcdefghij"],
    );
});

test("a cue of one word or none cannot be split", () => {
    assert.equal(splitCue({ ...CUE, text: "quietly" }, 0), null);
    assert.equal(splitCue({ ...CUE, text: "" }, 0), null);
    assert.equal(splitCue({ ...CUE, text: "   x" }, 2), null);
});

test("joined cues last from the first start to the second end", () => {
    const joined = joinCues(CUE, { start: 4_000, end: 5_000, text: "quietly." });
    assert.deepEqual(joined, { start: 1_000, end: 5_000, text: "I put it off quietly." });
});
