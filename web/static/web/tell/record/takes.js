// The takes of one story, one for each chapter that was recorded; what can be kept across a reload is.

import { Shelf } from "./shelf.js";

const FILM = "film";

export class Takes {
    // `chapters` are the kinds in the order in which they are told.
    constructor(story, chapters) {
        this.shelf = new Shelf(story);
        this.chapters = chapters;
        this.kept = new Map();
        this.film = null; // what was put together of them and is on its way
    }

    async load() {
        for (const chapter of this.chapters) {
            const take = await this.shelf.get(chapter);
            if (take) this.kept.set(chapter, take);
        }
        this.film = (await this.shelf.get(FILM)) ?? null;
    }

    get told() {
        return this.chapters.filter((chapter) => this.kept.has(chapter));
    }

    get mode() {
        return this.kept.values().next().value?.mode ?? null;
    }

    secondsBeside(chapter) {
        return this.told.filter((other) => other !== chapter).reduce((sum, other) => sum + this.kept.get(other).seconds, 0);
    }

    get seconds() {
        return this.secondsBeside(null);
    }

    after(chapter) {
        return this.chapters[this.chapters.indexOf(chapter) + 1] ?? null;
    }

    // Rejects if the browser will not keep it; then it is there as long as the page is.
    async keep(chapter, take) {
        this.kept.set(chapter, take);
        this.film = null;
        await this.shelf.put(chapter, take);
        await this.shelf.remove(FILM);
    }

    async drop(chapter) {
        this.kept.delete(chapter);
        this.film = null;
        await this.shelf.remove(chapter);
        await this.shelf.remove(FILM);
    }

    async keepFilm(film) {
        this.film = film;
        await this.shelf.put(FILM, film);
    }

    async dropFilm() {
        this.film = null;
        await this.shelf.remove(FILM);
    }

    async clear() {
        this.kept.clear();
        this.film = null;
        await this.shelf.clear();
    }
}
