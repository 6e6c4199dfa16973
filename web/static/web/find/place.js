// Where in a story to begin: at the moment that the address names, or where this person stopped on this device.

const MOST_KEPT = 50;
const KEPT_FOR_MS = 60 * 24 * 3600 * 1000;
const TOO_EARLY = 5; // seconds: hardly begun is not begun
const TOO_LATE = 10; // seconds before the end: as good as watched

export class Place {
    // Kept under the person, because a family may share a browser.
    constructor(person, story, seconds) {
        this.key = `sameboat.places.${person}`;
        this.story = story;
        this.seconds = seconds;
    }

    // The moment behind # in the address (Media Fragments: t=90), or null.
    static named() {
        const found = /^#t=(\d+(?:\.\d+)?)$/.exec(window.location.hash);
        return found ? Number(found[1]) : null;
    }

    get remembered() {
        return this.story ? (this.all[this.story]?.at ?? null) : null;
    }

    remember(at) {
        if (!this.story) return;
        const { [this.story]: _before, ...others } = this.all;
        const worth = at >= TOO_EARLY && at <= this.seconds - TOO_LATE;
        const fresh = Object.entries(others).filter(([, kept]) => Date.now() - kept.on < KEPT_FOR_MS);
        const all = worth ? [...fresh.slice(1 - MOST_KEPT), [this.story, { at: Math.floor(at), on: Date.now() }]] : fresh;
        try {
            localStorage.setItem(this.key, JSON.stringify(Object.fromEntries(all)));
        } catch {
            return; // full or switched off: then it begins at the beginning
        }
    }

    get all() {
        try {
            return JSON.parse(localStorage.getItem(this.key)) ?? {};
        } catch {
            return {};
        }
    }
}
