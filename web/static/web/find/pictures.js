// What there is to jump by beside the player: small pictures from all over a film, or how loud a story is along its way.
// Nothing of it is fetched before somebody opens it.

import { beside, placesIn, show } from "./storyboard.js";

const MOST_PICTURES = 12;
const player = document.querySelector("[data-player]");
const video = player.querySelector("video");

for (const strip of document.querySelectorAll("[data-filmstrip]")) offerPictures(strip);
for (const wave of document.querySelectorAll("[data-waveform]")) offerWave(wave);

function offerPictures(strip) {
    strip.hidden = false;
    strip.addEventListener("toggle", async () => {
        const index = await asked("storyboard.vtt");
        if (index === null) {
            strip.hidden = true;
            return;
        }
        const places = chosen(placesIn(await index.text()));
        strip.querySelector("ol").replaceChildren(...places.map((place) => pictureOf(place)));
    }, { once: true });
}

function chosen(places) {
    const count = Math.min(MOST_PICTURES, places.length);
    return Array.from({ length: count }, (_, number) => places[Math.floor((number * places.length) / count)]);
}

function pictureOf(place) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link film-picture";
    show(button, place, beside(player, place.sheet));
    button.setAttribute("aria-label", `Go to ${clock(place.at)}`);
    button.addEventListener("click", () => { video.currentTime = place.at; });
    const item = document.createElement("li");
    item.append(button, Object.assign(document.createElement("span"), { className: "chapter-time", textContent: clock(place.at) }));
    return item;
}

// The drawing is for the eye; keyboards and screen readers have the player's own slider.
async function offerWave(wave) {
    const answer = await asked("waveform.json");
    if (answer === null) return;
    const { seconds, levels } = await answer.json();
    const bars = levels.map((level, number) => {
        const bar = document.createElement("span");
        bar.style.height = `${Math.max(4, level)}%`;
        bar.dataset.at = String((number * seconds) / levels.length);
        return bar;
    });
    wave.replaceChildren(...bars);
    wave.hidden = false;
    wave.addEventListener("click", (event) => {
        const frame = wave.getBoundingClientRect();
        video.currentTime = (seconds * (event.clientX - frame.left)) / frame.width;
    });
    video.addEventListener("timeupdate", () => {
        for (const bar of bars) bar.classList.toggle("played", Number(bar.dataset.at) <= video.currentTime);
    });
}

async function asked(name) {
    try {
        const answer = await fetch(beside(player, name));
        return answer.ok ? answer : null;
    } catch {
        return null;
    }
}

function clock(seconds) {
    const whole = Math.floor(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
