// @ts-check
// The page for recording a story chapter by chapter: open the camera, record, watch, record again, send.

import { errorMessage } from "../../shared/api_client.js";
import { queryElement, requiredData } from "../../shared/dom.js";
import { formatClock } from "../../shared/format.js";
import { gettext, interpolate } from "../../shared/i18n.js";
import { UploadApi } from "../upload_api.js";
import { UploadProgressView } from "../upload_progress_view.js";
import { RetriesExhaustedError, UploadCancelledError } from "../upload_queue.js";
import { IncompatibleTakeError } from "./join_takes.js";
import { RecordView } from "./record_view.js";
import { Recorder, RecordingUnavailableError } from "./recorder.js";
import { TakeStore } from "./take_store.js";
import { RecordingTooLargeError, TakeUpload } from "./take_upload.js";

const METER_INTERVAL_MS = 100;
const QUIET_LEVEL = 12; // of 100, about the noise of a quiet room
const QUIET_WARNING_MS = 4_000;

const root = queryElement(document, "[data-recorder]", HTMLElement);
const view = new RecordView(root);
const takes = new TakeStore(requiredData(root, "story"), [...view.chapterTitles.keys()]);
const recorder = new Recorder({ onDisconnect: handleDisconnect });
const upload = new TakeUpload(takes, {
    api: new UploadApi(requiredData(root, "uploadsUrl")),
    recordingUrl: requiredData(root, "recordingUrl"),
    chaptersUrl: requiredData(root, "chaptersUrl"),
    mediabunnyUrl: requiredData(root, "mediabunnyUrl"),
});
const progress = new UploadProgressView(root, { cancel: cancelUpload });
const maxSeconds = Number(requiredData(root, "maxSeconds"));
let currentChapter = takes.chapters[0];
let recordingStartedAt = 0;
let lastSoundAt = 0;

root.hidden = false;
connectButtons();
window.addEventListener("beforeunload", (event) => {
    if (recorder.isRecording) event.preventDefault();
});
window.addEventListener("pagehide", () => recorder.close());
setInterval(updateMeter, METER_INTERVAL_MS);
startPage();

function connectButtons() {
    for (const button of view.chapterButtons) {
        button.addEventListener("click", () => selectChapter(requiredData(button, "chapter")));
    }
    view.part("turn-on").addEventListener("click", openRecorder);
    view.part("turn-off").addEventListener("click", closeRecorder);
    view.part("record").addEventListener("click", recordTake);
    view.part("stop").addEventListener("click", () => recorder.stop());
    view.part("retake").addEventListener("click", recordAgain);
    view.part("next").addEventListener("click", () => selectChapter(takes.chapterAfter(currentChapter)));
    view.part("discard-take").addEventListener("click", discardTake);
    view.part("discard-all").addEventListener("click", discardAllTakes);
    view.part("send").addEventListener("click", sendTakes);
}

async function startPage() {
    if (!Recorder.isSupported) {
        view.showError(gettext("This browser cannot record on this page."));
        view.setVisible({ "stage-actions": false });
        return;
    }
    // Without IndexedDB takes last as long as the page; recording still works.
    await takes.load().catch(() => {});
    if (takes.mode) view.mode = takes.mode;
    currentChapter = takes.chapters.find((chapter) => !takes.takes.has(chapter)) ?? currentChapter;
    render();
    if (takes.joined?.upload) await sendTakes();
}

function render() {
    view.render(currentChapter, takes, recorder);
}

// Returns whether the recorder is open.
async function openRecorder() {
    view.showError("");
    try {
        await recorder.open(view.mode);
    } catch (error) {
        if (!(error instanceof RecordingUnavailableError)) throw error;
        const device =
            view.mode === "video"
                ? gettext("We cannot use your camera and microphone.")
                : gettext("We cannot use your microphone.");
        view.showError(`${device} ${error.message}`);
        return false;
    }
    lastSoundAt = performance.now();
    view.preview.srcObject = recorder.stream;
    render();
    const video = view.mode === "video";
    view.showStatus(video ? gettext("Camera and microphone are on.") : gettext("The microphone is on."));
    if (!view.part("record").hidden) view.part("record").focus();
    return true;
}

function closeRecorder() {
    recorder.close();
    render();
    view.showStatus(gettext("Camera and microphone are off."));
    view.part("turn-on").focus();
}

async function recordTake() {
    view.showError("");
    const chapter = currentChapter;
    recordingStartedAt = performance.now();
    const recording = recorder.record();
    render();
    view.showStatus(
        interpolate(gettext("Recording “%(chapter)s”."), { chapter: view.chapterTitle(chapter) }),
    );
    view.part("stop").focus();
    try {
        const take = await recording;
        await takes.saveTake(chapter, { ...take, mode: view.mode });
        const message = gettext(
            "Take saved (%(duration)s). You can play it, record it again, or go to the next chapter.",
        );
        view.showStatus(interpolate(message, { duration: formatClock(take.seconds) }));
    } catch (error) {
        const unsaved = gettext(
            "Your browser has no room for this take. Keep this page open, or the take is lost.",
        );
        const lost = interpolate(gettext("This take was lost: %(reason)s"), { reason: errorMessage(error) });
        view.showError(takes.takes.has(chapter) ? unsaved : lost);
    }
    render();
    view.part(view.part("next").hidden ? "retake" : "next").focus();
}

async function recordAgain() {
    if (recorder.isOpen || (await openRecorder())) await recordTake();
}

/** @param {string | null} chapter */
function selectChapter(chapter) {
    if (recorder.isRecording || chapter === null) return;
    currentChapter = chapter;
    render();
    view.part("title").focus();
}

async function discardTake() {
    await takes.deleteTake(currentChapter).catch(() => {});
    render();
    view.showStatus(gettext("Take discarded."));
    view.part("title").focus();
}

async function discardAllTakes() {
    await takes.clear().catch(() => {});
    render();
    view.showStatus(gettext("All takes discarded."));
    view.part("title").focus();
}

// The device was unplugged or blocked in the browser's settings. A running take is kept up to this moment.
function handleDisconnect() {
    const wasRecording = recorder.isRecording;
    recorder.stop();
    recorder.close();
    render();
    view.showError(
        wasRecording
            ? gettext("Your camera or microphone was disconnected. What you recorded until then is kept.")
            : gettext("Your camera or microphone was disconnected."),
    );
}

function updateMeter() {
    if (!recorder.isOpen) return;
    const now = performance.now();
    const { level } = recorder;
    view.levelMeter.value = level;
    if (level > QUIET_LEVEL) lastSoundAt = now;
    const isQuiet = now - lastSoundAt > QUIET_WARNING_MS;
    const warning = gettext("We can hardly hear anything. Is the microphone covered or switched off?");
    view.part("level-warning").textContent = isQuiet ? warning : "";
    if (!recorder.isRecording) return;
    const seconds = (now - recordingStartedAt) / 1000;
    view.part("elapsed").textContent = formatClock(seconds);
    if (takes.secondsWithout(currentChapter) + seconds >= maxSeconds) recorder.stop();
}

async function sendTakes() {
    recorder.close();
    view.showError("");
    view.setVisible({ stage: false, "chapter-list": false, finish: false, cancel: false });
    const message = gettext("Joining your chapters.");
    progress.showStatus(message, 0);
    progress.announce(message);
    try {
        await upload.run({
            version: Number(requiredData(root, "version")),
            maxBytes: Number(requiredData(root, "maxBytes")),
            onStart(queue) {
                view.setVisible({ cancel: true });
                progress.follow(queue);
            },
        });
        progress.stopFollowing();
        window.location.assign(requiredData(root, "redirectUrl"));
    } catch (error) {
        progress.hide();
        view.setVisible({ stage: true, "chapter-list": true });
        render();
        if (!(error instanceof UploadCancelledError)) view.showError(explainFailure(error));
    }
}

/** @param {unknown} error */
function explainFailure(error) {
    if (error instanceof RecordingTooLargeError) {
        return gettext(
            "Your takes together are larger than we can accept. Leave a chapter out, or record it shorter.",
        );
    }
    if (error instanceof IncompatibleTakeError) return explainIncompatibleTake(error.index);
    const reason =
        error instanceof RetriesExhaustedError
            ? gettext("The connection keeps failing.")
            : errorMessage(error);
    const kept = gettext(
        "Your takes are still here. Press “Send as my recording” again to resume the upload.",
    );
    return `${reason} ${kept}`;
}

/** @param {number} index */
function explainIncompatibleTake(index) {
    const recorded = takes.recordedChapters;
    selectChapter(recorded[index]);
    const message = gettext(
        "“%(chapter)s” was recorded with another camera or microphone, or with the device turned, unlike “%(first)s”. Please record it again in the same way.",
    );
    const [chapter, first] = [view.chapterTitle(recorded[index]), view.chapterTitle(recorded[0])];
    return interpolate(message, { chapter, first });
}

async function cancelUpload() {
    try {
        await upload.cancel();
        view.showStatus(gettext("Upload cancelled and deleted. Your takes are still here."));
    } catch (error) {
        view.showError(errorMessage(error));
    }
}
