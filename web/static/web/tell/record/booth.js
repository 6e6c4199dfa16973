// Camera and microphone: turned on, heard, recorded one take at a time, turned off.

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, facingMode: "user" };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 1 } };
// The first that a browser writes is taken: what plays everywhere afterwards is made on the server anyway.
const KINDS = {
    video: ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"],
    audio: ["audio/webm;codecs=opus", "audio/webm", "audio/mp4"],
};
const BITS_A_SECOND = { videoBitsPerSecond: 2_500_000, audioBitsPerSecond: 96_000 };
const PIECE_MS = 1_000;

// Why there is no picture or sound, in words, and what somebody can do about it.
const REASONS = {
    NotAllowedError:
        "This page may not use it. Your browser asks beside the address, or in its settings for this site: allow it there, then try again.",
    NotFoundError: "Your device has none that we could find. Plug one in, then try again.",
    NotReadableError: "Another program is using it. Close that one, then try again.",
    OverconstrainedError: "It cannot record in a way that we can use.",
};

export class CannotRecord extends Error {}

export class Booth {
    // `lost` is called when camera or microphone are gone while they were on.
    constructor({ lost }) {
        this.lost = lost;
        this.stream = null;
        this.recorder = null;
    }

    static get missing() {
        return !navigator.mediaDevices?.getUserMedia || !window.MediaRecorder;
    }

    get on() {
        return this.stream !== null;
    }

    // `mode` is "video" or "audio". Rejects with CannotRecord, which says why in words.
    async turnOn(mode) {
        this.turnOff();
        this.kind = KINDS[mode].find((kind) => MediaRecorder.isTypeSupported(kind));
        if (!this.kind) throw new CannotRecord("This browser cannot record in a format that we can use.");
        try {
            this.stream = await navigator.mediaDevices.getUserMedia({ audio: SOUND, video: mode === "video" && PICTURE });
        } catch (trouble) {
            throw new CannotRecord(REASONS[trouble.name] ?? "Your browser does not say why.");
        }
        for (const track of this.stream.getTracks()) {
            track.addEventListener("ended", () => this.on && this.lost());
        }
        this.listen();
    }

    turnOff() {
        for (const track of this.stream?.getTracks() ?? []) track.stop();
        this.stream = null;
        this.sounds?.close();
        this.sounds = null;
    }

    listen() {
        this.sounds = new AudioContext();
        this.ear = this.sounds.createAnalyser();
        this.ear.fftSize = 2048;
        this.sounds.createMediaStreamSource(this.stream).connect(this.ear);
        this.wave = new Float32Array(this.ear.fftSize);
        // Browsers keep it asleep until somebody has pressed something on the page.
        if (this.sounds.state === "suspended") this.sounds.resume();
    }

    // How loud it is now, from 0 to 100: -60 decibels below full scale and less are 0.
    get level() {
        if (!this.sounds) return 0;
        this.ear.getFloatTimeDomainData(this.wave);
        const power = this.wave.reduce((sum, sample) => sum + sample * sample, 0) / this.wave.length;
        return Math.max(0, Math.min(100, 100 + (10 * Math.log10(power + 1e-12)) / 0.6));
    }

    // Resolves with the take once `stop` was called, or once camera or microphone were gone.
    record() {
        const pieces = [];
        const began = performance.now();
        const picture = this.stream.getVideoTracks()[0]?.getSettings();
        this.recorder = new MediaRecorder(this.stream, { mimeType: this.kind, ...BITS_A_SECOND });
        this.recorder.addEventListener("dataavailable", ({ data }) => data.size && pieces.push(data));
        return new Promise((resolve, reject) => {
            this.recorder.addEventListener("error", ({ error }) => reject(error ?? new CannotRecord("The recording broke off.")));
            this.recorder.addEventListener("stop", () => {
                const type = this.recorder.mimeType || this.kind;
                this.recorder = null;
                resolve({
                    blob: new Blob(pieces, { type }),
                    seconds: (performance.now() - began) / 1000,
                    width: picture?.width ?? 0,
                    height: picture?.height ?? 0,
                });
            });
            this.recorder.start(PIECE_MS);
        });
    }

    get recording() {
        return this.recorder?.state === "recording";
    }

    stop() {
        if (this.recording) this.recorder.stop();
    }
}
