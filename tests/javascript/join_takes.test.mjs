// @ts-check
// With the real mediabunny: takes are written and the joined recording is read back packet by packet.

import assert from "node:assert/strict";
import { test } from "node:test";
import { IncompatibleTakeError, joinTakes } from "../../web/static/web/tell/record/join_takes.js";

/** @typedef {{ width?: number, withAudio?: boolean, frames?: number, offset?: number }} TakeOptions */

// The build that pages load; its types are beside the modules that it bundles.
const BUNDLE = new URL("../../web/node_modules/mediabunny/dist/bundles/mediabunny.min.mjs", import.meta.url);
/** @type {typeof import("../../web/node_modules/mediabunny/dist/modules/src/index.js")} */
const library = await import(BUNDLE.href);
const FRAME_SECONDS = 0.1;

/**
 * A WebM file with a VP8 track of ten frames a second, and an Opus track of the same timing.
 * @param {TakeOptions} [options]
 */
async function recordTake({ width = 320, withAudio = true, frames = 10, offset = 0 } = {}) {
    const target = new library.BufferTarget();
    const output = new library.Output({ format: new library.WebMOutputFormat(), target });
    const video = new library.EncodedVideoPacketSource("vp8");
    const audio = new library.EncodedAudioPacketSource("opus");
    output.addVideoTrack(video);
    if (withAudio) output.addAudioTrack(audio);
    await output.start();
    for (let frame = 0; frame < frames; frame += 1) {
        const start = offset + frame * FRAME_SECONDS;
        const bytes = new Uint8Array([frame, width % 256]);
        const packet = new library.EncodedPacket(bytes, frame === 0 ? "key" : "delta", start, FRAME_SECONDS);
        await video.add(packet, { decoderConfig: { codec: "vp8", codedWidth: width, codedHeight: 180 } });
        if (!withAudio) continue;
        const sound = new library.EncodedPacket(bytes, "key", start, FRAME_SECONDS);
        await audio.add(sound, { decoderConfig: { codec: "opus", numberOfChannels: 1, sampleRate: 48_000 } });
    }
    await output.finalize();
    return new Blob([target.buffer ?? new ArrayBuffer(0)], { type: "video/webm" });
}

/** @param {Blob} blob */
async function readTracks(blob) {
    const input = new library.Input({ source: new library.BlobSource(blob), formats: library.ALL_FORMATS });
    /** @type {Record<string, { timestamp: number, first: number }[]>} */
    const tracks = {};
    for (const track of await input.getTracks()) {
        const packets = [];
        for await (const packet of new library.EncodedPacketSink(track).packets()) {
            packets.push({ timestamp: packet.timestamp, first: packet.data[0] });
        }
        tracks[track.type] = packets;
    }
    return tracks;
}

test("takes follow one another without gaps and no packet is lost or changed", async () => {
    const takes = [
        await recordTake({ frames: 10 }),
        await recordTake({ frames: 5 }),
        await recordTake({ frames: 8 }),
    ];
    const { blob, starts } = await joinTakes(takes, library);
    assert.equal(blob.type, "video/webm");
    assert.deepEqual(
        starts.map((second) => Math.round(second * 1000)),
        [0, 1_000, 1_500],
    );
    const { video, audio } = await readTracks(blob);
    assert.equal(video.length, 23);
    assert.equal(audio.length, 23);
    for (const [index, { timestamp }] of video.entries()) {
        assert.equal(Math.round(timestamp * 1000), index * 100);
    }
    assert.deepEqual(
        video.map(({ first }) => first),
        [...Array(10).keys(), ...Array(5).keys(), ...Array(8).keys()],
    );
});

test("a take whose timestamps do not start at zero leaves no gap", async () => {
    const takes = [await recordTake({ frames: 4 }), await recordTake({ frames: 4, offset: 3 })];
    const { blob, starts } = await joinTakes(takes, library);
    assert.deepEqual(
        starts.map((second) => Math.round(second * 1000)),
        [0, 400],
    );
    const { video } = await readTracks(blob);
    assert.equal(Math.round((video.at(-1)?.timestamp ?? 0) * 1000), 700);
});

test("a take of another size or with other tracks is named by its index", async () => {
    const first = await recordTake();
    for (const other of [await recordTake({ width: 640 }), await recordTake({ withAudio: false })]) {
        const joining = joinTakes([first, first, other], library);
        await assert.rejects(joining, (error) => error instanceof IncompatibleTakeError && error.index === 2);
    }
});
