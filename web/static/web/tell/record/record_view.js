// @ts-check
// The elements of the recording page, and how they look in each state.

import { queryAll, queryElement, requiredData } from "../../shared/dom.js";
import { formatClock } from "../../shared/format.js";
import { gettext, interpolate } from "../../shared/i18n.js";

/** @import { Recorder, RecordingMode } from "./recorder.js" */
/** @import { Take, TakeStore } from "./take_store.js" */

/**
 * @typedef {"stage" | "chapter-list" | "finish" | "mode-choice" | "turn-on" | "record" | "stop" | "next" | "retake"
 *     | "discard-take" | "turn-off" | "preview" | "levels" | "take" | "cancel" | "stage-actions" | "alternatives"
 *     | "chapter-position" | "title" | "prompt" | "error" | "elapsed" | "status" | "summary" | "level-warning"
 *     | "send" | "discard-all"} PartName
 */

export class RecordView {
    /** @type {{ take: Take, url: string } | null} */
    #shownTake = null;

    /** @param {HTMLElement} root */
    constructor(root) {
        this.root = root;
        this.chapterButtons = queryAll(root, "[data-chapter]", HTMLButtonElement);
        this.preview = queryElement(root, "[data-preview]", HTMLVideoElement);
        this.takePlayer = queryElement(root, "[data-take]", HTMLVideoElement);
        this.levelMeter = queryElement(root, "[data-level-meter]", HTMLMeterElement);
        this.modeInputs = queryAll(root, "input[name=mode]", HTMLInputElement);
        /** @type {Map<string, string>} chapter kind to its title */
        this.chapterTitles = new Map(
            this.chapterButtons.map((button) => [
                requiredData(button, "chapter"),
                queryElement(button, "[data-chapter-name]", HTMLElement).textContent,
            ]),
        );
    }

    /** @param {PartName} name */
    part(name) {
        return queryElement(this.root, `[data-${name}]`, HTMLElement);
    }

    /** @param {Partial<Record<PartName, boolean>>} parts */
    setVisible(parts) {
        for (const name of /** @type {PartName[]} */ (Object.keys(parts)))
            this.part(name).hidden = !parts[name];
    }

    /** @returns {RecordingMode} */
    get mode() {
        return this.modeInputs.find((input) => input.checked)?.value === "audio" ? "audio" : "video";
    }

    /** @param {RecordingMode} mode */
    set mode(mode) {
        for (const input of this.modeInputs) input.checked = input.value === mode;
    }

    /** @param {string} chapter */
    chapterTitle(chapter) {
        return this.chapterTitles.get(chapter) ?? chapter;
    }

    /** @param {string} message */
    showStatus(message) {
        this.part("status").textContent = message;
    }

    /** @param {string} message */
    showError(message) {
        this.part("error").textContent = message;
        this.part("alternatives").hidden = !message;
    }

    /**
     * @param {string} current chapter
     * @param {TakeStore} takes
     * @param {Recorder} recorder
     */
    render(current, takes, recorder) {
        const { isRecording, isOpen } = recorder;
        const take = takes.takes.get(current) ?? null;
        const following = takes.chapterAfter(current);
        this.#renderChapter(current, takes, following);
        if (!isRecording) this.part("elapsed").textContent = "";
        for (const input of this.modeInputs) input.disabled = isOpen || takes.takes.size > 0;
        const hasTake = take !== null;
        const isReviewing = hasTake && !isRecording;
        const isLive = isOpen && !isReviewing;
        this.setVisible({
            "mode-choice": !isOpen && !isRecording,
            "turn-on": !isOpen && !hasTake,
            record: isLive && !isRecording,
            stop: isRecording,
            retake: isReviewing,
            "discard-take": isReviewing,
            next: isReviewing && following !== null,
            "turn-off": isOpen && !isRecording,
            preview: isLive && this.mode === "video",
            levels: isLive,
            take: isReviewing,
            finish: takes.takes.size > 0 && !isRecording,
        });
        this.#renderTake(isReviewing ? take : null, current);
        for (const button of this.chapterButtons)
            renderChapterButton(button, { current, takes, disabled: isRecording });
    }

    /**
     * @param {string} current
     * @param {TakeStore} takes
     * @param {string | null} following
     */
    #renderChapter(current, takes, following) {
        const button = this.chapterButtons.find(({ dataset }) => dataset.chapter === current);
        const [number, total] = [takes.chapters.indexOf(current) + 1, takes.chapters.length];
        const position = gettext("Chapter %(number)s of %(total)s");
        this.part("chapter-position").textContent = interpolate(position, { number, total });
        this.part("title").textContent = this.chapterTitle(current);
        this.part("prompt").textContent = button?.dataset.prompt ?? "";
        const next = following
            ? interpolate(gettext("Next: “%(chapter)s”"), { chapter: this.chapterTitle(following) })
            : "";
        this.part("next").textContent = next;
        this.part("summary").textContent = interpolate(
            gettext("%(recorded)s of %(total)s chapters, %(duration)s in total."),
            {
                recorded: takes.takes.size,
                total,
                duration: formatClock(takes.totalSeconds),
            },
        );
    }

    /**
     * @param {Take | null} take
     * @param {string} chapter
     */
    #renderTake(take, chapter) {
        const label = interpolate(gettext("Your take of “%(chapter)s”"), {
            chapter: this.chapterTitle(chapter),
        });
        this.takePlayer.setAttribute("aria-label", label);
        if (this.#shownTake?.take === take) return;
        if (this.#shownTake) URL.revokeObjectURL(this.#shownTake.url);
        this.#shownTake = take && { take, url: URL.createObjectURL(take.blob) };
        if (this.#shownTake) this.takePlayer.src = this.#shownTake.url;
        else this.takePlayer.removeAttribute("src");
        this.takePlayer.classList.toggle("audio-only", take?.mode === "audio");
    }
}

/**
 * @param {HTMLButtonElement} button
 * @param {{ current: string, takes: TakeStore, disabled: boolean }} state
 */
function renderChapterButton(button, { current, takes, disabled }) {
    const chapter = requiredData(button, "chapter");
    const take = takes.takes.get(chapter);
    const state = queryElement(button, "[data-chapter-state]", HTMLElement);
    state.textContent = take ? formatClock(take.seconds) : gettext("Not recorded");
    button.classList.toggle("recorded", take !== undefined);
    button.disabled = disabled;
    if (chapter === current) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
}
