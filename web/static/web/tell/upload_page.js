// @ts-check
// The page for uploading a recording from a file: choose, watch progress, pause, resume after a reload, cancel.

import { ApiError, errorMessage } from "../shared/api_client.js";
import { queryElement, requiredData } from "../shared/dom.js";
import { formatBytes, formatPercent } from "../shared/format.js";
import { gettext, interpolate } from "../shared/i18n.js";
import { ResumableFileStore } from "./resumable_file_store.js";
import { UploadApi } from "./upload_api.js";
import { UploadProgressView } from "./upload_progress_view.js";
import { RetriesExhaustedError, UploadCancelledError } from "./upload_queue.js";
import { UploadLockedError, UploadSession } from "./upload_session.js";

const root = queryElement(document, "[data-file-upload]", HTMLElement);
const fileInput = queryElement(root, "[data-file]", HTMLInputElement);
const hint = queryElement(root, "[data-hint]", HTMLElement);
const errorText = queryElement(root, "[data-error]", HTMLElement);
const maxBytes = Number(requiredData(root, "maxBytes"));
const session = new UploadSession({
    api: new UploadApi(requiredData(root, "uploadsUrl")),
    recordingUrl: requiredData(root, "recordingUrl"),
});
const progress = new UploadProgressView(root, { cancel });
const fileStore = new ResumableFileStore(`sameboat.upload.${requiredData(root, "story")}`);

root.hidden = false;
fileInput.addEventListener("change", () => {
    const file = fileInput.files?.[0];
    if (file) sendChosenFile(file);
});
resumeEarlierUpload();

// Shows how much of an earlier upload has arrived, or attaches one that is complete.
async function resumeEarlierUpload() {
    const saved = fileStore.load();
    if (!saved) return;
    try {
        await session.loadUpload(saved.upload);
    } catch (error) {
        if (error instanceof ApiError) fileStore.clear();
        else showError(errorMessage(error));
        return;
    }
    const { upload } = session;
    if (upload?.state === "complete") {
        await attachToStory();
    } else if (upload?.state === "open") {
        const storedBytes = upload.parts.reduce((bytes, part) => bytes + part.size, 0);
        const percent = Math.floor((100 * storedBytes) / upload.size);
        hint.textContent = interpolate(
            gettext(
                "%(percent)s of “%(file)s” has been uploaded. Choose the same file again to resume the upload.",
            ),
            { percent: formatPercent(percent), file: saved.name },
        );
        progress.showStatus("", percent);
    } else {
        fileStore.clear();
        session.upload = null;
    }
}

/** @param {File} file */
async function sendChosenFile(file) {
    showError(objectionTo(file));
    if (errorText.textContent) return;
    fileInput.disabled = true;
    try {
        const upload = session.upload
            ? await session.loadUpload(session.upload.id)
            : await session.openUpload(file);
        if (upload.state === "complete") {
            window.location.reload(); // another window has finished it
            return;
        }
        fileStore.save(upload.id, file);
        const message = gettext("Uploading “%(file)s”, %(size)s.");
        progress.announce(interpolate(message, { file: file.name, size: formatBytes(file.size) }));
        await session.withUploadLock(async () => {
            await session.sendFile(file, (queue) => progress.follow(queue));
            await attachToStory();
        });
    } catch (error) {
        handleFailure(error);
    }
}

/**
 * Why this file cannot be uploaded now; empty if it can.
 * @param {File} file
 */
function objectionTo(file) {
    if (file.size > maxBytes) {
        const message = gettext("This file is %(size)s. The largest file we can accept is %(limit)s.");
        return interpolate(message, { size: formatBytes(file.size), limit: formatBytes(maxBytes) });
    }
    const saved = fileStore.load();
    if (session.upload && saved && !fileStore.matches(file)) {
        const message = gettext(
            "This is not the file you started with (“%(file)s”). Choose that file to resume the upload, or cancel it first.",
        );
        return interpolate(message, { file: saved.name });
    }
    return "";
}

async function attachToStory() {
    progress.stopFollowing();
    progress.showStatus(gettext("Upload complete. Please wait a moment."), 100);
    try {
        await session.attachToStory(Number(requiredData(root, "version")));
    } catch (error) {
        fileInput.disabled = false;
        showError(errorMessage(error));
        return;
    }
    fileStore.clear();
    window.location.reload();
}

/** @param {unknown} error */
function handleFailure(error) {
    progress.stopFollowing();
    fileInput.disabled = false;
    fileInput.value = "";
    if (error instanceof UploadCancelledError) return;
    if (error instanceof UploadLockedError) {
        fileInput.disabled = true;
        progress.hide();
        showError(error.message);
        error.released.then(() => window.location.reload());
        return;
    }
    const reason =
        error instanceof RetriesExhaustedError
            ? gettext("The connection keeps failing.")
            : errorMessage(error);
    const kept = gettext("What has been uploaded is kept. Choose the same file again to resume the upload.");
    showError(session.upload ? `${reason} ${kept}` : reason);
    if (!session.upload) progress.hide();
}

async function cancel() {
    fileInput.disabled = true;
    showError("");
    try {
        await session.cancel();
    } catch (error) {
        if (!(error instanceof ApiError)) {
            fileInput.disabled = false;
            showError(errorMessage(error));
            return;
        }
        session.upload = null;
    }
    fileStore.clear();
    fileInput.disabled = false;
    fileInput.value = "";
    hint.textContent = gettext("The upload starts as soon as you choose a file.");
    progress.hide();
    progress.announce(gettext("Upload cancelled and deleted."));
    fileInput.focus();
}

/** @param {string} message */
function showError(message) {
    errorText.textContent = message;
}
