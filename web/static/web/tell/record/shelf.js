// Takes that wait in this browser until they are sent, so that a reload, a crash or an evening between two chapters loses nothing.
// Nobody but this browser has them.

const NAME = "sameboat";
const TAKES = "takes";

export class Shelf {
    // Everything is kept under the story, because one browser may hold takes of several.
    constructor(story) {
        this.story = story;
    }

    async put(name, kept) {
        await this.do("readwrite", (takes) => takes.put(kept, [this.story, name]));
    }

    async get(name) {
        return this.do("readonly", (takes) => takes.get([this.story, name]));
    }

    async remove(name) {
        await this.do("readwrite", (takes) => takes.delete([this.story, name]));
    }

    async clear() {
        await this.do("readwrite", (takes) => takes.delete(IDBKeyRange.bound([this.story], [this.story, []])));
    }

    async do(mode, act) {
        const shelf = await opened();
        try {
            const turn = shelf.transaction(TAKES, mode);
            const asked = act(turn.objectStore(TAKES));
            await new Promise((resolve, reject) => {
                turn.oncomplete = resolve;
                turn.onabort = turn.onerror = () => reject(turn.error ?? asked.error);
            });
            return asked.result;
        } finally {
            shelf.close();
        }
    }
}

function opened() {
    return new Promise((resolve, reject) => {
        const asked = indexedDB.open(NAME, 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore(TAKES);
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
    });
}
