// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Recorder, soundLevel } from "../../web/static/web/tell/record/recorder.js";

test("the sound level runs from -60 dBFS to full scale", () => {
    assert.equal(soundLevel(new Float32Array(2048)), 0);
    assert.equal(Math.round(soundLevel(new Float32Array(2048).fill(1))), 100);
    assert.equal(Math.round(soundLevel(new Float32Array(2048).fill(0.1))), 67); // -20 dBFS
    assert.equal(Math.round(soundLevel(new Float32Array(2048).fill(0.001))), 0);
});

test("without camera access and MediaRecorder recording is not supported", () => {
    assert.equal(Recorder.isSupported, false);
});
