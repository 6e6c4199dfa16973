// @ts-check
// Remembers in this browser which file belongs to which upload, so that a reload can continue it.

/** @typedef {Pick<File, "name" | "size" | "lastModified">} FileIdentity */
/** @typedef {FileIdentity & { upload: string }} ResumableFile */

export class ResumableFileStore {
    /** @param {string} key */
    constructor(key) {
        this.key = key;
    }

    /** @returns {ResumableFile | null} null also if storage is disabled */
    load() {
        try {
            return JSON.parse(localStorage.getItem(this.key) ?? "null");
        } catch {
            return null;
        }
    }

    /**
     * @param {string} upload
     * @param {FileIdentity} file
     */
    save(upload, { name, size, lastModified }) {
        try {
            localStorage.setItem(this.key, JSON.stringify({ upload, name, size, lastModified }));
        } catch {
            // Storage is full or disabled: the upload works, but a reload cannot continue it.
        }
    }

    /** @param {FileIdentity} file */
    matches(file) {
        const saved = this.load();
        if (saved === null) return false;
        return (
            saved.name === file.name && saved.size === file.size && saved.lastModified === file.lastModified
        );
    }

    clear() {
        try {
            localStorage.removeItem(this.key);
        } catch {
            // Storage is disabled, so nothing was saved.
        }
    }
}
