// One recording on its way from this browser to its story: every part into the store, then the story is told of it.

import { ask } from "./asking.js";
import { Transfer } from "./transfer.js";

// Another window of this browser is at the same upload; `over` resolves when it has finished, or was closed.
export class Elsewhere extends Error {
    constructor(over) {
        super("This file is going up in another window already. Leave that one open; here you will see when it is there.");
        this.over = over;
    }
}

const CONFLICT = 409;
const MOST_ROUNDS = 3;

// `uploads` speaks of uploads to our API; `recording` is the address of the story's recording there.
export class Delivery {
    constructor(uploads, recording) {
        this.uploads = uploads;
        this.recording = recording;
        this.upload = null; // what is under way, or was begun earlier
        this.transfer = null;
    }

    // Begin, or go on with what was begun for such a file elsewhere.
    async begin(file) {
        const begun = (await this.uploads.underWay()).find(
            ({ file_name, size }) => file_name === file.name && size === file.size,
        );
        this.upload = begun ? await this.uploads.look(begun.id) : await this.uploads.begin(file);
        return this.upload;
    }

    async look(id) {
        this.upload = await this.uploads.look(id);
        return this.upload;
    }

    get arrivedBytes() {
        return this.upload.parts.reduce((bytes, one) => bytes + one.size, 0);
    }

    // The store says what is missing; should it lack parts after all were sent, they are sent once more.
    // `started` is called with each transfer before its first byte.
    async send(file, started) {
        for (let round = 1; ; round += 1) {
            await this.sendMissing(file, started);
            try {
                await this.uploads.complete(this.upload.id);
                return;
            } catch (trouble) {
                if (trouble.status !== CONFLICT || round === MOST_ROUNDS) throw trouble;
                await this.look(this.upload.id);
            }
        }
    }

    // Do something that no other window of this browser does with this upload meanwhile. Rejects with Elsewhere.
    async alone(act) {
        const { locks } = navigator; // missing where pages did not come over a safe line
        if (!locks) return act();
        const name = `sameboat.upload.${this.upload.id}`;
        return locks.request(name, { ifAvailable: true }, (mine) => {
            if (!mine) throw new Elsewhere(locks.request(name, () => {}));
            return act();
        });
    }

    async sendMissing(file, started) {
        const addressesOf = (numbers, sums) => this.uploads.addresses(this.upload.id, numbers, sums);
        this.transfer = new Transfer(file, this.upload, { addressesOf, changed: () => {} });
        started(this.transfer);
        try {
            await this.transfer.run();
        } finally {
            this.transfer = null;
        }
    }

    // Make it the story's recording, and return the story as it is then.
    attach(seen) {
        return whatever(seen, (version) => ask("PUT", this.recording, { body: { seen: version, upload: this.upload.id } }));
    }

    async cancel() {
        this.transfer?.cancel();
        await this.uploads.cancel(this.upload.id);
        this.upload = null;
    }
}

// Whoever sends a recording wants this one, whatever else of the story was changed in another window meanwhile:
// `act` is done with the version that was seen, or once more with the fresh one.
export async function whatever(seen, act) {
    try {
        return await act(seen);
    } catch (trouble) {
        const fresh = trouble.current;
        if (trouble.status !== CONFLICT || !fresh?.may_be_edited || fresh.version === seen) throw trouble;
        return whatever(fresh.version, act);
    }
}
