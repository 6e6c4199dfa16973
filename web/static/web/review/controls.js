// Play, step and seek from below the picture: the browser's own controls lie inside it and would be veiled too.

const STEP = 5;
const frame = document.querySelector("[data-player]");
const video = frame.querySelector("video");
const controls = frame.querySelector("[data-controls]");
const play = controls.querySelector("[data-play]");
const seek = controls.querySelector("[data-seek]");
const where = controls.querySelector("[data-where]");
const told = Number(controls.dataset.seconds);

controls.hidden = false;
seek.max = String(told);
play.addEventListener("click", () => (video.paused ? video.play() : video.pause()));
controls.querySelector("[data-back]").addEventListener("click", () => move(-STEP));
controls.querySelector("[data-on]").addEventListener("click", () => move(STEP));
seek.addEventListener("input", () => (video.currentTime = Number(seek.value)));
for (const event of ["timeupdate", "seeked", "play", "pause", "ended"]) video.addEventListener(event, show);
show();

function move(seconds) {
    video.currentTime = Math.min(told, Math.max(0, video.currentTime + seconds));
    show();
}

function show() {
    const now = video.currentTime;
    play.textContent = video.paused ? "Play" : "Pause";
    seek.value = String(now);
    seek.setAttribute("aria-valuetext", `${clock(now)} of ${clock(told)}`);
    where.textContent = `${clock(now)} / ${clock(told)}`;
}

function clock(seconds) {
    const whole = Math.floor(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
