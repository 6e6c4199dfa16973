// @ts-check
// A storyboard: one image with thumbnails of the whole recording, and a WebVTT index of its tiles.

import { requiredData } from "./dom.js";

/**
 * @typedef {object} Tile
 * @property {number} at start in seconds
 * @property {string} image file name of the image
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 */

const TILE_CUE = /^(\d+):(\d+):([\d.]+) --> .*\n(.+)#xywh=(\d+),(\d+),(\d+),(\d+)/;

/**
 * @param {string} vtt
 * @returns {Tile[]}
 */
export function parseStoryboard(vtt) {
    return vtt.split("\n\n").flatMap((cue) => {
        const match = TILE_CUE.exec(cue);
        if (!match) return [];
        const [hours, minutes, seconds] = match.slice(1, 4).map(Number);
        const [x, y, width, height] = match.slice(5).map(Number);
        return [{ at: 3600 * hours + 60 * minutes + seconds, image: match[4], x, y, width, height }];
    });
}

/**
 * The last tile at or before the given time; null before the first one and for NaN.
 * @param {Tile[]} tiles
 * @param {number} seconds
 */
export function findTileAt(tiles, seconds) {
    return tiles.findLast((tile) => tile.at <= seconds) ?? null;
}

/**
 * At most `limit` tiles, evenly spread over the recording.
 * @param {Tile[]} tiles
 * @param {number} limit
 */
export function sampleTiles(tiles, limit) {
    const count = Math.min(limit, tiles.length);
    return Array.from({ length: count }, (_, index) => tiles[Math.floor((index * tiles.length) / count)]);
}

/**
 * @param {HTMLElement} element
 * @param {Tile} tile
 * @param {URL} imageUrl
 */
export function showTile(element, tile, imageUrl) {
    element.style.width = `${tile.width}px`;
    element.style.height = `${tile.height}px`;
    element.style.background = `url("${imageUrl}") -${tile.x}px -${tile.y}px`;
}

/**
 * Files of a recording have URLs relative to its playlist.
 * @param {HTMLElement} player
 * @param {string} name
 */
export function recordingFileUrl(player, name) {
    return new URL(name, new URL(requiredData(player, "playlist"), document.baseURI));
}
