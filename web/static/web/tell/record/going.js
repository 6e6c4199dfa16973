// From takes to the story's recording: put together, sent, made the recording, and its chapters marked where each take begins.

import { Refused, ask } from "../asking.js";
import { Delivery, whatever } from "../delivering.js";
import { Uploads } from "../uploads.js";
import { join } from "./joining.js";

export class TooLarge extends Error {}

export class Going {
    // `addresses` has `uploads`, `recording`, `chapters` and `joiner`, the module that can read and write films.
    constructor(takes, addresses) {
        this.takes = takes;
        this.addresses = addresses;
        this.delivery = new Delivery(new Uploads(addresses.uploads), addresses.recording);
    }

    // Goes on where an earlier visit ended. `started` is called with each transfer before its first byte.
    async go({ seen, mostBytes, started }) {
        const film = this.takes.film ?? (await this.joined());
        if (film.blob.size > mostBytes) throw new TooLarge();
        const file = new File([film.blob], film.name, { type: film.blob.type });
        const upload = await this.opened(film, file);
        await this.delivery.alone(async () => {
            if (upload.state === "open") await this.delivery.send(file, started);
            const story = await this.delivery.attach(seen);
            await whatever(story.version, (version) =>
                ask("PUT", this.addresses.chapters, { body: { seen: version, chapters: marked(film.chapters, story.chapters) } }),
            );
            await this.takes.clear();
        });
    }

    async joined() {
        const media = await import(this.addresses.joiner);
        const { told } = this.takes;
        const { blob, starts } = await join(told.map((chapter) => this.takes.kept.get(chapter).blob), media);
        const chapters = told.map((kind, number) => ({ kind, start_ms: Math.round(starts[number] * 1000) }));
        const film = { blob, chapters, name: `my story.${blob.type.split("/")[1]}`, upload: null };
        await this.kept(film);
        return film;
    }

    async opened(film, file) {
        if (film.upload !== null) {
            try {
                const found = await this.delivery.look(film.upload);
                if (["open", "complete"].includes(found.state)) return found;
            } catch (trouble) {
                if (!(trouble instanceof Refused)) throw trouble;
            }
        }
        const begun = await this.delivery.begin(file);
        await this.kept({ ...film, upload: begun.id });
        return begun;
    }

    // A browser without room for it can still send it, as long as the page stays open.
    kept(film) {
        return this.takes.keepFilm(film).catch(() => {});
    }

    async cancel() {
        await this.delivery.cancel();
        await this.takes.dropFilm();
    }
}

// What was written about a chapter of this kind before stays with it; where it begins is new.
function marked(chapters, before) {
    return chapters.map(({ kind, start_ms }) => {
        const { text = "", barrier = null, rung = null } = before.find((chapter) => chapter.kind === kind) ?? {};
        return { kind, start_ms, text, barrier, rung };
    });
}
