// @ts-check

// The part of localStorage that our modules use.
export class FakeStorage {
    /** @type {Map<string, string>} */
    items = new Map();
    isDisabled = false;

    /** @param {string} key */
    getItem(key) {
        this.#check();
        return this.items.get(key) ?? null;
    }

    /**
     * @param {string} key
     * @param {string} value
     */
    setItem(key, value) {
        this.#check();
        this.items.set(key, value);
    }

    /** @param {string} key */
    removeItem(key) {
        this.#check();
        this.items.delete(key);
    }

    #check() {
        if (this.isDisabled) throw new DOMException("The operation is insecure.", "SecurityError");
    }
}

export function installFakeStorage() {
    const storage = new FakeStorage();
    Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true, writable: true });
    return storage;
}
