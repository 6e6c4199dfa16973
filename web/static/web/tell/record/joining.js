// Takes become one film: the packets that the browser recorded are put one after the other, and nothing is encoded again.

const PIECE_BYTES = 4 * 1024 ** 2;

export class DoNotFit extends Error {
    // `number` counts from 0, and is the first take that was recorded in another way than the ones before.
    constructor(number) {
        super(`take ${number} does not fit`);
        this.number = number;
    }
}

// Returns the film as a Blob, and at which second of it each take begins. `media` is the mediabunny module.
export async function join(blobs, media) {
    const takes = await Promise.all(blobs.map((blob) => taken(blob, media)));
    const misfit = takes.findIndex((take) => take.likeness !== takes[0].likeness);
    if (misfit !== -1) throw new DoNotFit(misfit);
    const film = new Film(takes[0], media);
    await film.begin();
    const starts = [];
    for (const take of takes) {
        starts.push(film.seconds);
        await film.add(take);
    }
    return { blob: await film.end(), starts };
}

async function taken(blob, media) {
    const input = new media.Input({ source: new media.BlobSource(blob), formats: media.ALL_FORMATS });
    const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
    const tracks = await Promise.all([video, audio].filter(Boolean).map((track) => tracked(track, media)));
    return { tracks, likeness: JSON.stringify(tracks.map((track) => track.likeness)), webm: !blob.type.includes("mp4") };
}

async function tracked(track, media) {
    const [config, codec] = [await track.getDecoderConfig(), await track.getCodec()];
    const kind = track.isVideoTrack() ? "video" : "audio";
    const { codedWidth, codedHeight, sampleRate, numberOfChannels } = config;
    const description = config.description ? [...new Uint8Array(bytesOf(config.description))] : [];
    const likeness = { kind, codec, codedWidth, codedHeight, sampleRate, numberOfChannels, description };
    return { kind, codec, config, likeness, sink: new media.EncodedPacketSink(track) };
}

function bytesOf(description) {
    if (!ArrayBuffer.isView(description)) return description;
    return description.buffer.slice(description.byteOffset, description.byteOffset + description.byteLength);
}

class Film {
    constructor(pattern, media) {
        const format = pattern.webm
            ? new media.WebMOutputFormat({ appendOnly: true })
            : new media.Mp4OutputFormat({ fastStart: "fragmented" });
        this.type = `${pattern.tracks[0].kind}/${pattern.webm ? "webm" : "mp4"}`;
        this.pieces = [];
        // Nothing is written twice, so that what is done can leave the memory: browsers keep Blobs elsewhere.
        const paper = new WritableStream({ write: ({ data }) => { this.pieces.push(new Blob([data])); } });
        this.output = new media.Output({ format, target: new media.StreamTarget(paper, { chunked: true, chunkSize: PIECE_BYTES }) });
        this.sources = pattern.tracks.map(({ kind, codec }) => {
            const source = kind === "video" ? new media.EncodedVideoPacketSource(codec) : new media.EncodedAudioPacketSource(codec);
            if (kind === "video") this.output.addVideoTrack(source);
            else this.output.addAudioTrack(source);
            return source;
        });
        this.seconds = 0;
    }

    begin() {
        return this.output.start();
    }

    // Both tracks in step, as a recorder writes them: the one that is behind goes on.
    async add(take) {
        const lanes = await Promise.all(take.tracks.map((track, number) => laneOf(track, this.sources[number])));
        const begin = Math.min(...lanes.map((lane) => lane.packet?.timestamp ?? Infinity));
        const shift = this.seconds - begin;
        for (let lane = behind(lanes); lane; lane = behind(lanes)) {
            const { packet } = lane;
            const next = (await lane.packets.next()).value;
            const step = next ? next.timestamp - packet.timestamp : 0;
            const length = step > 0 ? step : packet.duration || lane.length;
            lane.length = length;
            lane.packet = next;
            const timestamp = packet.timestamp + shift;
            await lane.source.add(packet.clone({ timestamp, duration: length }), { decoderConfig: lane.config });
            this.seconds = Math.max(this.seconds, timestamp + length);
        }
    }

    async end() {
        await this.output.finalize();
        return new Blob(this.pieces, { type: this.type });
    }
}

async function laneOf({ sink, config }, source) {
    const packets = sink.packets();
    return { packets, packet: (await packets.next()).value, source, config, length: 0 };
}

function behind(lanes) {
    const going = lanes.filter((lane) => lane.packet);
    return going.sort((one, other) => one.packet.timestamp - other.packet.timestamp)[0];
}
