// Which file was on its way into which upload, kept in this browser across a reload.

export class Memory {
    constructor(key) {
        this.key = key;
    }

    get kept() {
        try {
            return JSON.parse(localStorage.getItem(this.key));
        } catch {
            return null; // storage that is switched off, or not ours: then nothing is remembered
        }
    }

    keep(upload, file) {
        const { name, size, lastModified } = file;
        this.write({ upload, name, size, lastModified });
    }

    isOf(file) {
        const kept = this.kept;
        return kept !== null && ["name", "size", "lastModified"].every((fact) => kept[fact] === file[fact]);
    }

    forget() {
        try {
            localStorage.removeItem(this.key);
        } catch {
            return; // nothing was kept either
        }
    }

    write(facts) {
        try {
            localStorage.setItem(this.key, JSON.stringify(facts));
        } catch {
            return; // full or switched off: the upload still works, it only cannot go on after a reload
        }
    }
}
