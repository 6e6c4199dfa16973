// @ts-check
// Joins takes into one recording by copying their encoded packets; nothing is encoded again.

/** @import { EncodedPacket, EncodedPacketSink, InputAudioTrack, InputVideoTrack, Output } from "mediabunny" */
/** @typedef {typeof import("mediabunny")} Mediabunny */
/** @typedef {AudioDecoderConfig | VideoDecoderConfig} DecoderConfig */
/** @typedef {(packet: EncodedPacket, config: DecoderConfig) => Promise<void>} AddPacket */

/**
 * @typedef {object} SourceTrack
 * @property {"video" | "audio"} kind
 * @property {DecoderConfig} config
 * @property {EncodedPacketSink} sink
 * @property {(output: Output) => AddPacket} addTo adds a track with the same codec to an output
 * @property {string} format equal for tracks that can share one output track
 */

/**
 * @typedef {object} SourceTake
 * @property {SourceTrack[]} tracks
 * @property {string} format
 * @property {boolean} isWebM
 */

const CHUNK_BYTES = 4 * 1024 ** 2;

// A take was recorded with another codec, size or sample rate than the first one.
export class IncompatibleTakeError extends Error {
    /** @param {number} index zero-based */
    constructor(index) {
        super(`take ${index} has another format than take 0`);
        this.name = "IncompatibleTakeError";
        this.index = index;
    }
}

/**
 * @param {Blob[]} blobs
 * @param {Mediabunny} mediabunny
 * @returns {Promise<{ blob: Blob, starts: number[] }>} `starts` are the seconds at which each take starts
 */
export async function joinTakes(blobs, mediabunny) {
    const takes = await Promise.all(blobs.map((blob) => readTake(blob, mediabunny)));
    const incompatible = takes.findIndex((take) => take.format !== takes[0].format);
    if (incompatible !== -1) throw new IncompatibleTakeError(incompatible);
    const writer = new RecordingWriter(takes[0], mediabunny);
    await writer.start();
    const starts = [];
    for (const take of takes) {
        starts.push(writer.seconds);
        await writer.addTake(take);
    }
    return { blob: await writer.finish(), starts };
}

/**
 * @param {Blob} blob
 * @param {Mediabunny} mediabunny
 * @returns {Promise<SourceTake>}
 */
async function readTake(blob, mediabunny) {
    const input = new mediabunny.Input({
        source: new mediabunny.BlobSource(blob),
        formats: mediabunny.ALL_FORMATS,
    });
    const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
    const tracks = [];
    if (video) tracks.push(await readVideoTrack(video, mediabunny));
    if (audio) tracks.push(await readAudioTrack(audio, mediabunny));
    return {
        tracks,
        format: JSON.stringify(tracks.map((track) => track.format)),
        isWebM: !blob.type.includes("mp4"),
    };
}

/**
 * @param {InputVideoTrack} track
 * @param {Mediabunny} mediabunny
 * @returns {Promise<SourceTrack>}
 */
async function readVideoTrack(track, mediabunny) {
    const [config, codec] = [await track.getDecoderConfig(), await track.getCodec()];
    if (!config || !codec) throw new Error("the video codec is unknown");
    const { codedWidth, codedHeight } = config;
    return {
        kind: "video",
        config,
        sink: new mediabunny.EncodedPacketSink(track),
        addTo(output) {
            const source = new mediabunny.EncodedVideoPacketSource(codec);
            output.addVideoTrack(source);
            return (packet, decoderConfig) =>
                source.add(packet, { decoderConfig: /** @type {VideoDecoderConfig} */ (decoderConfig) });
        },
        format: JSON.stringify({ codec, codedWidth, codedHeight, description: bytesOf(config.description) }),
    };
}

/**
 * @param {InputAudioTrack} track
 * @param {Mediabunny} mediabunny
 * @returns {Promise<SourceTrack>}
 */
async function readAudioTrack(track, mediabunny) {
    const [config, codec] = [await track.getDecoderConfig(), await track.getCodec()];
    if (!config || !codec) throw new Error("the audio codec is unknown");
    const { sampleRate, numberOfChannels } = config;
    return {
        kind: "audio",
        config,
        sink: new mediabunny.EncodedPacketSink(track),
        addTo(output) {
            const source = new mediabunny.EncodedAudioPacketSource(codec);
            output.addAudioTrack(source);
            return (packet, decoderConfig) =>
                source.add(packet, { decoderConfig: /** @type {AudioDecoderConfig} */ (decoderConfig) });
        },
        format: JSON.stringify({
            codec,
            sampleRate,
            numberOfChannels,
            description: bytesOf(config.description),
        }),
    };
}

/**
 * @param {AllowSharedBufferSource | undefined} description
 * @returns {number[]}
 */
function bytesOf(description) {
    if (!description) return [];
    if (!ArrayBuffer.isView(description)) return [...new Uint8Array(description)];
    return [...new Uint8Array(description.buffer, description.byteOffset, description.byteLength)];
}

class RecordingWriter {
    /** @type {Blob[]} */
    #chunks = [];
    seconds = 0;

    /**
     * @param {SourceTake} pattern
     * @param {Mediabunny} mediabunny
     */
    constructor(pattern, mediabunny) {
        const format = pattern.isWebM
            ? new mediabunny.WebMOutputFormat({ appendOnly: true })
            : new mediabunny.Mp4OutputFormat({ fastStart: "fragmented" });
        this.type = `${pattern.tracks[0].kind}/${pattern.isWebM ? "webm" : "mp4"}`;
        // Append-only, so that finished chunks can leave memory: browsers may keep Blobs on disk.
        const stream = new WritableStream({
            write: (/** @type {{ data: Uint8Array<ArrayBuffer> }} */ { data }) => {
                this.#chunks.push(new Blob([data]));
            },
        });
        const target = new mediabunny.StreamTarget(stream, { chunked: true, chunkSize: CHUNK_BYTES });
        this.output = new mediabunny.Output({ format, target });
        this.addPacket = pattern.tracks.map((track) => track.addTo(this.output));
    }

    start() {
        return this.output.start();
    }

    /**
     * Interleaves the tracks by timestamp, as a recorder does.
     * @param {SourceTake} take
     */
    async addTake(take) {
        const readers = await Promise.all(
            take.tracks.map((track, index) => openReader(track, this.addPacket[index])),
        );
        const start = Math.min(...readers.map(({ packet }) => packet?.timestamp ?? Number.POSITIVE_INFINITY));
        const shift = this.seconds - start;
        for (let reader = earliestReader(readers); reader; reader = earliestReader(readers)) {
            const { packet } = reader;
            if (!packet) break;
            const next = (await reader.packets.next()).value ?? null;
            const gap = next ? next.timestamp - packet.timestamp : 0;
            // Recorders leave out durations: the next timestamp gives them, and the last packet lasts as long as the one before.
            const duration = gap > 0 ? gap : packet.duration || reader.lastDuration;
            reader.lastDuration = duration;
            reader.packet = next;
            const timestamp = packet.timestamp + shift;
            await reader.addPacket(packet.clone({ timestamp, duration }), reader.config);
            this.seconds = Math.max(this.seconds, timestamp + duration);
        }
    }

    async finish() {
        await this.output.finalize();
        return new Blob(this.#chunks, { type: this.type });
    }
}

/**
 * @typedef {object} PacketReader
 * @property {AsyncGenerator<EncodedPacket, void>} packets
 * @property {EncodedPacket | null} packet the next one; null at the end
 * @property {DecoderConfig} config
 * @property {AddPacket} addPacket
 * @property {number} lastDuration
 */

/**
 * @param {SourceTrack} track
 * @param {AddPacket} addPacket
 * @returns {Promise<PacketReader>}
 */
async function openReader({ sink, config }, addPacket) {
    const packets = sink.packets();
    return { packets, packet: (await packets.next()).value ?? null, config, addPacket, lastDuration: 0 };
}

/** @param {PacketReader[]} readers */
function earliestReader(readers) {
    const timestamp = (/** @type {PacketReader} */ { packet }) =>
        packet?.timestamp ?? Number.POSITIVE_INFINITY;
    return readers
        .filter(({ packet }) => packet)
        .sort((a, b) => timestamp(a) - timestamp(b))
        .at(0);
}
