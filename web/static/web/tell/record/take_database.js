// @ts-check
// IndexedDB storage for takes, so that a reload or a crash between two chapters loses nothing.

const DATABASE = "sameboat";
const OBJECT_STORE = "takes";

export class TakeDatabase {
    /** @param {string} story part of every key, because one browser may hold takes of several stories */
    constructor(story) {
        this.story = story;
    }

    /**
     * @param {string} name
     * @param {unknown} value
     */
    async put(name, value) {
        await this.#transact("readwrite", (store) => store.put(value, [this.story, name]));
    }

    /**
     * The caller knows the type of what it has stored.
     * @template T
     * @param {string} name
     * @returns {Promise<T | undefined>}
     */
    get(name) {
        return this.#transact("readonly", (store) => store.get([this.story, name]));
    }

    /** @param {string} name */
    async delete(name) {
        await this.#transact("readwrite", (store) => store.delete([this.story, name]));
    }

    // An array sorts after every string, so the range holds all names of the story.
    async clear() {
        const range = IDBKeyRange.bound([this.story], [this.story, []]);
        await this.#transact("readwrite", (store) => store.delete(range));
    }

    /**
     * @template T
     * @param {IDBTransactionMode} mode
     * @param {(store: IDBObjectStore) => IDBRequest<T>} operation
     * @returns {Promise<T>}
     */
    async #transact(mode, operation) {
        const database = await openDatabase();
        try {
            const transaction = database.transaction(OBJECT_STORE, mode);
            const request = operation(transaction.objectStore(OBJECT_STORE));
            await new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
                const fail = () => reject(transaction.error ?? request.error);
                transaction.oncomplete = () => resolve();
                transaction.onabort = fail;
                transaction.onerror = fail;
            });
            return request.result;
        } finally {
            database.close();
        }
    }
}

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(DATABASE, 1);
        request.onupgradeneeded = () => request.result.createObjectStore(OBJECT_STORE);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}
