// @ts-check
// Thumbnails below the player that jump to their moment. The storyboard is fetched when the list is opened.

import { createElement, queryAll, queryElement } from "../shared/dom.js";
import { formatClock } from "../shared/format.js";
import { gettext, interpolate } from "../shared/i18n.js";
import { parseStoryboard, recordingFileUrl, sampleTiles, showTile } from "../shared/storyboard.js";
import { fetchRecordingFile } from "./recording_file.js";

/** @import { Tile } from "../shared/storyboard.js" */

const MAX_THUMBNAILS = 12;
const player = queryElement(document, "[data-player]", HTMLElement);
const video = queryElement(player, "video", HTMLVideoElement);

for (const filmstrip of queryAll(document, "[data-filmstrip]", HTMLElement)) {
    filmstrip.hidden = false;
    filmstrip.addEventListener("toggle", () => fillFilmstrip(filmstrip), { once: true });
}

/** @param {HTMLElement} filmstrip */
async function fillFilmstrip(filmstrip) {
    const response = await fetchRecordingFile(player, "storyboard.vtt");
    if (response === null) {
        filmstrip.hidden = true;
        return;
    }
    const tiles = sampleTiles(parseStoryboard(await response.text()), MAX_THUMBNAILS);
    queryElement(filmstrip, "ol", HTMLElement).replaceChildren(...tiles.map(createThumbnail));
}

/** @param {Tile} tile */
function createThumbnail(tile) {
    const time = formatClock(tile.at);
    const label = interpolate(gettext("Go to %(time)s"), { time });
    const button = createElement("button", { type: "button", class: "link thumbnail", "aria-label": label });
    showTile(button, tile, recordingFileUrl(player, tile.image));
    button.addEventListener("click", () => {
        video.currentTime = tile.at;
    });
    return createElement("li", {}, [button, createElement("span", { class: "chapter-time" }, [time])]);
}
