// @ts-check
// Camera and microphone: opens them, measures the sound level, records takes with MediaRecorder.

import { gettext } from "../../shared/i18n.js";

/** @typedef {"video" | "audio"} RecordingMode */

/**
 * @typedef {object} RecordedTake
 * @property {Blob} blob
 * @property {number} seconds
 * @property {number} width in pixels, 0 without a picture
 * @property {number} height in pixels, 0 without a picture
 */

/** @type {MediaTrackConstraints} */
const VIDEO_CONSTRAINTS = {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
    facingMode: "user",
};
/** @type {MediaTrackConstraints} */
const AUDIO_CONSTRAINTS = {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    channelCount: { ideal: 1 },
};
// In order of preference. The server converts every recording, so any of them will do.
const MIME_TYPES = {
    video: ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"],
    audio: ["audio/webm;codecs=opus", "audio/webm", "audio/mp4"],
};
const BIT_RATES = { videoBitsPerSecond: 2_500_000, audioBitsPerSecond: 96_000 };
const CHUNK_MS = 1_000;
const ANALYSER_SAMPLES = 2048;
const SILENCE_DECIBELS = -60;

// The message says what happened and what the person can do.
export class RecordingUnavailableError extends Error {}

/** @param {unknown} error */
function explainMediaError(error) {
    switch (error instanceof DOMException ? error.name : "") {
        case "NotAllowedError":
            return gettext(
                "Your browser blocks it for this page. Allow it in the address bar or in the site settings, then try again.",
            );
        case "NotFoundError":
            return gettext("No device was found. Connect one, then try again.");
        case "NotReadableError":
            return gettext("Another program is using it. Close that program, then try again.");
        case "OverconstrainedError":
            return gettext("The device cannot record in a format that we can use.");
        default:
            return gettext("Your browser gave no reason.");
    }
}

export class Recorder {
    /** @type {MediaStream | null} */
    stream = null;
    /** @type {MediaRecorder | null} */
    #mediaRecorder = null;
    #mimeType = "";
    /** @type {{ context: AudioContext, analyser: AnalyserNode, samples: Float32Array<ArrayBuffer> } | null} */
    #meter = null;

    /** @param {{ onDisconnect: () => void }} handlers called when camera or microphone end by themselves */
    constructor({ onDisconnect }) {
        this.onDisconnect = onDisconnect;
    }

    static get isSupported() {
        return Boolean(globalThis.navigator?.mediaDevices?.getUserMedia) && "MediaRecorder" in globalThis;
    }

    get isOpen() {
        return this.stream !== null;
    }

    get isRecording() {
        return this.#mediaRecorder?.state === "recording";
    }

    /**
     * Rejects with RecordingUnavailableError.
     * @param {RecordingMode} mode
     */
    async open(mode) {
        this.close();
        const mimeType = MIME_TYPES[mode].find((candidate) => MediaRecorder.isTypeSupported(candidate));
        if (!mimeType) {
            throw new RecordingUnavailableError(
                gettext("This browser cannot record in a format that we can use."),
            );
        }
        this.#mimeType = mimeType;
        const constraints = { audio: AUDIO_CONSTRAINTS, video: mode === "video" && VIDEO_CONSTRAINTS };
        let stream;
        try {
            stream = await navigator.mediaDevices.getUserMedia(constraints);
        } catch (error) {
            throw new RecordingUnavailableError(explainMediaError(error));
        }
        this.stream = stream;
        for (const track of stream.getTracks()) {
            track.addEventListener("ended", () => {
                if (this.isOpen) this.onDisconnect();
            });
        }
        this.#startMeter(stream);
    }

    close() {
        for (const track of this.stream?.getTracks() ?? []) track.stop();
        this.stream = null;
        this.#meter?.context.close();
        this.#meter = null;
    }

    /** @param {MediaStream} stream */
    #startMeter(stream) {
        const context = new AudioContext();
        const analyser = context.createAnalyser();
        analyser.fftSize = ANALYSER_SAMPLES;
        context.createMediaStreamSource(stream).connect(analyser);
        // Browsers suspend a context that was created without a user gesture.
        if (context.state === "suspended") context.resume();
        this.#meter = { context, analyser, samples: new Float32Array(analyser.fftSize) };
    }

    // The present sound level from 0 (-60 dBFS and below) to 100 (0 dBFS).
    get level() {
        if (!this.#meter) return 0;
        const { analyser, samples } = this.#meter;
        analyser.getFloatTimeDomainData(samples);
        return soundLevel(samples);
    }

    /**
     * Resolves after `stop`, or when camera or microphone end.
     * @returns {Promise<RecordedTake>}
     */
    record() {
        const { stream } = this;
        if (!stream) throw new Error("the recorder is not open");
        /** @type {Blob[]} */
        const chunks = [];
        const startedAt = performance.now();
        const picture = stream.getVideoTracks().at(0)?.getSettings();
        const mediaRecorder = new MediaRecorder(stream, { mimeType: this.#mimeType, ...BIT_RATES });
        this.#mediaRecorder = mediaRecorder;
        mediaRecorder.addEventListener("dataavailable", ({ data }) => {
            if (data.size > 0) chunks.push(data);
        });
        return new Promise((resolve, reject) => {
            mediaRecorder.addEventListener("error", (event) => {
                const { error } = /** @type {Event & { error?: DOMException }} */ (event);
                reject(
                    error ?? new RecordingUnavailableError(gettext("The recording stopped unexpectedly.")),
                );
            });
            mediaRecorder.addEventListener("stop", () => {
                this.#mediaRecorder = null;
                resolve({
                    blob: new Blob(chunks, { type: mediaRecorder.mimeType || this.#mimeType }),
                    seconds: (performance.now() - startedAt) / 1000,
                    width: picture?.width ?? 0,
                    height: picture?.height ?? 0,
                });
            });
            mediaRecorder.start(CHUNK_MS);
        });
    }

    stop() {
        if (this.isRecording) this.#mediaRecorder?.stop();
    }
}

/**
 * Root mean square of the samples on a scale from 0 (-60 dBFS and below) to 100 (0 dBFS).
 * @param {Float32Array} samples -1 to 1
 */
export function soundLevel(samples) {
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    const decibels = 10 * Math.log10(power + 1e-12); // the offset avoids the logarithm of 0
    return Math.max(0, Math.min(100, 100 - (100 * decibels) / SILENCE_DECIBELS));
}
