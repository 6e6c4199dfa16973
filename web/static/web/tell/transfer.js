// One file on its way into the store: three parts at a time, each tried again until it is there.
//
// The store alone knows what has arrived. What is missing is asked for when the transfer starts, so that a reload,
// a crash or another day makes no difference.

const LANES = 3;
const ADDRESSES_AT_ONCE = 12;
const RENEW_BEFORE_MS = 60_000;
const MOST_TRIES = 8;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const STALLED_MS = 60_000;
const SPEED_OVER_MS = 10_000;

export class Cancelled extends Error {}
export class Exhausted extends Error {}

// `upload` has `size`, `part_size`, the numbers of the `arrived` parts and whether it `checks_parts`;
// `addressesOf(numbers, sums)` gives a list of { number, url, seconds, headers }, where `sums` are the parts' checksums
// or undefined; `changed` is called whenever there is something new to show.
export class Transfer {
    constructor(file, upload, { addressesOf, changed }) {
        this.file = file;
        this.size = upload.size;
        this.partSize = upload.part_size;
        this.checks = upload.checks_parts;
        this.addressesOf = addressesOf;
        this.changed = changed;
        const arrived = new Set(upload.arrived);
        this.waiting = numbersUpTo(Math.ceil(this.size / this.partSize)).filter((number) => !arrived.has(number));
        this.sent = [...arrived].reduce((bytes, number) => bytes + this.sizeOf(number), 0);
        this.onTheWay = new Map();
        this.addresses = new Map();
        this.samples = [];
        this.paused = false;
        this.wake = null;
        this.cancelled = false;
    }

    // Resolves once every part was taken by the store; rejects with Cancelled, Exhausted, or what makes it hopeless.
    async run() {
        try {
            await Promise.all(Array.from({ length: LANES }, () => this.lane()));
        } catch (trouble) {
            this.cancel(); // one lane that gave up must not leave the others going
            throw trouble;
        }
    }

    pause() {
        this.paused = true;
        this.stopRequests();
        this.samples = [];
        this.changed();
    }

    goOn() {
        this.paused = false;
        this.wake?.();
        this.changed();
    }

    cancel() {
        this.cancelled = true;
        this.stopRequests();
        this.wake?.();
    }

    get bytesSent() {
        return this.sent + [...this.onTheWay.values()].reduce((bytes, part) => bytes + part.loaded, 0);
    }

    // Bytes a second over the last ten seconds, 0 while nothing can be said.
    get speed() {
        const now = Date.now();
        this.samples = [...this.samples.filter(([at]) => now - at < SPEED_OVER_MS), [now, this.bytesSent]];
        const [[firstAt, firstBytes]] = this.samples;
        return now - firstAt < 1_000 ? 0 : Math.max(0, ((this.bytesSent - firstBytes) * 1_000) / (now - firstAt));
    }

    get secondsLeft() {
        const { speed } = this;
        return speed > 0 ? (this.size - this.bytesSent) / speed : null;
    }

    async lane() {
        for (let number = this.waiting.shift(); number !== undefined; number = this.waiting.shift()) {
            await this.send(number);
            this.sent += this.sizeOf(number);
            this.changed();
        }
    }

    async send(number) {
        for (let tries = 0; tries < MOST_TRIES; ) {
            await this.mayGo();
            try {
                const address = await this.addressOf(number);
                if (this.paused || this.cancelled) continue; // which may have come meanwhile
                await this.put(number, address);
                return;
            } catch (trouble) {
                if (this.cancelled) throw new Cancelled();
                if (this.paused || !navigator.onLine) continue;
                // An address that ran out, or that the store will not have any more: the next try gets a fresh one.
                this.addresses.delete(number);
                if (trouble.hopeless) throw trouble;
                tries += 1;
                await patience(tries);
            } finally {
                this.onTheWay.delete(number);
            }
        }
        throw new Exhausted();
    }

    // Waits out a pause and a time without a connection.
    async mayGo() {
        while (this.paused || !navigator.onLine) {
            if (this.cancelled) break;
            await new Promise((resolve) => {
                this.wake = chained(this.wake, resolve);
                window.addEventListener("online", resolve, { once: true });
            });
            if (!this.paused) this.wake = null;
        }
        if (this.cancelled) throw new Cancelled();
    }

    async addressOf(number) {
        if (!(this.addresses.get(number)?.goodUntil > Date.now() + RENEW_BEFORE_MS)) {
            for (const { number: one, url, seconds, headers } of await this.freshAddresses(number)) {
                this.addresses.set(one, { url, headers, goodUntil: Date.now() + seconds * 1_000 });
            }
        }
        return this.addresses.get(number);
    }

    // With checksums for this part alone: a part is read for its checksum right before it goes.
    async freshAddresses(number) {
        if (this.checks) return this.addressesOf([number], [await sha256(this.bytesOf(number))]);
        const stale = (other) => !(this.addresses.get(other)?.goodUntil > Date.now() + RENEW_BEFORE_MS);
        return this.addressesOf([number, ...this.waiting.filter(stale).slice(0, ADDRESSES_AT_ONCE - 1)]);
    }

    // XMLHttpRequest, because fetch does not tell how much of a body has gone.
    put(number, { url, headers }) {
        const request = new XMLHttpRequest();
        const part = { request, loaded: 0 };
        this.onTheWay.set(number, part);
        return new Promise((resolve, reject) => {
            let stalled = setTimeout(() => request.abort(), STALLED_MS);
            request.upload.addEventListener("progress", (event) => {
                clearTimeout(stalled);
                stalled = setTimeout(() => request.abort(), STALLED_MS);
                part.loaded = event.loaded;
                this.changed();
            });
            request.addEventListener("loadend", () => {
                clearTimeout(stalled);
                if (request.status >= 200 && request.status < 300) resolve();
                else reject(new Error(`part ${number}: ${request.status}`));
            });
            request.open("PUT", url);
            for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
            request.send(this.bytesOf(number));
        });
    }

    bytesOf(number) {
        const from = (number - 1) * this.partSize;
        return this.file.slice(from, from + this.sizeOf(number));
    }

    sizeOf(number) {
        return Math.min(this.partSize, this.size - (number - 1) * this.partSize);
    }

    stopRequests() {
        for (const { request } of this.onTheWay.values()) request.abort();
    }
}

function numbersUpTo(last) {
    return Array.from({ length: last }, (_nothing, index) => index + 1);
}

async function sha256(blob) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function chained(earlier, later) {
    return () => {
        earlier?.();
        later();
    };
}

// Twice as long each time, and never at the same moment as everybody else.
function patience(tries) {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
    return new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
}
