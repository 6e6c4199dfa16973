// @ts-check
// Files that the server writes beside a recording's playlist.

import { recordingFileUrl } from "../shared/storyboard.js";

/**
 * Null if the recording has no such file or the network fails; the player works without it.
 * @param {HTMLElement} player
 * @param {string} name
 */
export async function fetchRecordingFile(player, name) {
    try {
        const response = await fetch(recordingFileUrl(player, name));
        return response.ok ? response : null;
    } catch {
        return null;
    }
}
