// @ts-check
// Play, skip and seek from below the video. The browser's controls are inside the video and would be blurred too.

import { queryElement } from "../shared/dom.js";
import { formatClock } from "../shared/format.js";
import { gettext, interpolate } from "../shared/i18n.js";

const SKIP_SECONDS = 5;
const player = queryElement(document, "[data-player]", HTMLElement);
const video = queryElement(player, "video", HTMLVideoElement);
const controls = queryElement(player, "[data-controls]", HTMLElement);
const playButton = queryElement(controls, "[data-play]", HTMLButtonElement);
const seekBar = queryElement(controls, "[data-seek]", HTMLInputElement);
const timeText = queryElement(controls, "[data-time]", HTMLElement);
const duration = Number(controls.dataset.seconds);

controls.hidden = false;
seekBar.max = String(duration);
playButton.addEventListener("click", () => (video.paused ? video.play() : video.pause()));
queryElement(controls, "[data-skip-back]", HTMLElement).addEventListener("click", () => skip(-SKIP_SECONDS));
queryElement(controls, "[data-skip-forward]", HTMLElement).addEventListener("click", () =>
    skip(SKIP_SECONDS),
);
seekBar.addEventListener("input", () => {
    video.currentTime = Number(seekBar.value);
});
for (const event of ["timeupdate", "seeked", "play", "pause", "ended"]) video.addEventListener(event, render);
render();

/** @param {number} seconds */
function skip(seconds) {
    video.currentTime = Math.min(duration, Math.max(0, video.currentTime + seconds));
    render();
}

function render() {
    const [elapsed, total] = [formatClock(video.currentTime), formatClock(duration)];
    playButton.textContent = video.paused ? gettext("Play") : gettext("Pause");
    seekBar.value = String(video.currentTime);
    seekBar.setAttribute(
        "aria-valuetext",
        interpolate(gettext("%(elapsed)s of %(total)s"), { elapsed, total }),
    );
    timeText.textContent = `${elapsed} / ${total}`;
}
