// Plays one story: captions, chapters to jump to, speed, and from where somebody stopped. Nothing starts by itself.

import { dress } from "./controls.js";
import { Place } from "./place.js";
import { beside } from "./storyboard.js";

const REPORT_EVERY_MS = 15_000;
const frame = document.querySelector("[data-player]");
const video = frame.querySelector("video");
const trouble = frame.querySelector(".player-trouble");

// Until somebody plays, no more is fetched than it takes to show the first picture and the length.
const BEFORE_PLAYING_SECONDS = 4;
const WHILE_PLAYING_SECONDS = 30;

// Chromium answers "maybe" when asked for HLS of its own and then plays nothing, so the script is asked first.
function attach(from) {
    const playlist = frame.dataset.playlist;
    if (window.Hls?.isSupported()) {
        const lengths = { maxBufferLength: BEFORE_PLAYING_SECONDS, maxMaxBufferLength: WHILE_PLAYING_SECONDS };
        const hls = new window.Hls({ ...lengths, startPosition: from ?? -1 });
        hls.on(window.Hls.Events.ERROR, (_event, problem) => recover(hls, problem));
        hls.loadSource(playlist);
        hls.attachMedia(video);
        video.addEventListener("play", () => { hls.config.maxBufferLength = WHILE_PLAYING_SECONDS; }, { once: true });
    } else if (video.canPlayType("application/vnd.apple.mpegurl")) {
        video.src = playlist;
        if (from) video.addEventListener("loadedmetadata", () => { video.currentTime = from; }, { once: true });
        video.addEventListener("error", showTrouble);
    } else {
        showTrouble();
    }
}

let recovered = false;

function recover(hls, problem) {
    if (!problem.fatal) return;
    if (problem.type === window.Hls.ErrorTypes.MEDIA_ERROR && !recovered) {
        recovered = true;
        hls.recoverMediaError();
        return;
    }
    hls.destroy();
    showTrouble();
}

function showTrouble() {
    trouble.hidden = false;
}

// The list of chapters is plain text until it can be jumped with.
function offerChapters() {
    for (const item of document.querySelectorAll(".chapters [data-at]")) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "link";
        button.append(item.querySelector(".chapter-time"), item.querySelector(".chapter-name"));
        button.addEventListener("click", () => {
            video.currentTime = Number(item.dataset.at) / 1000;
            video.play();
            video.focus();
        });
        item.prepend(button);
    }
    video.addEventListener("timeupdate", markChapter);
}

function markChapter() {
    const now = video.currentTime * 1000;
    const begun = [...document.querySelectorAll(".chapters [data-at]")].filter((item) => Number(item.dataset.at) <= now);
    for (const item of document.querySelectorAll(".chapters [aria-current]")) item.removeAttribute("aria-current");
    begun.at(-1)?.setAttribute("aria-current", "true");
}

// Where there are no controls of ours, as beside a reviewer's veil.
function offerSpeed() {
    const speed = frame.querySelector(".speed");
    if (!speed) return;
    speed.hidden = false;
    speed.querySelector("#speed").addEventListener("change", (event) => {
        video.playbackRate = Number(event.target.value);
    });
}

// How far somebody got is told now and then, at a pause, and when they leave; no more than that is noted.
let furthest = 0;
let told = 0;
let toldAt = 0;

function watchHowFar() {
    if (!frame.dataset.howFar) return;
    video.addEventListener("timeupdate", () => {
        furthest = Math.max(furthest, Math.floor(video.currentTime * 1000));
        if (Date.now() - toldAt > REPORT_EVERY_MS) tell();
    });
    video.addEventListener("pause", tell);
    window.addEventListener("pagehide", tell);
}

function tell() {
    if (furthest === told) return;
    told = furthest;
    toldAt = Date.now();
    const body = new URLSearchParams({ furthest_ms: String(furthest), slate: frame.dataset.slate ?? "" });
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    // A note that is lost is lost: the next one says all that it said.
    fetch(frame.dataset.howFar, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": token } }).catch(() => {});
}

// Where somebody stopped is kept on this device only, and they may always begin at the beginning.
function begin() {
    const place = new Place(frame.dataset.person, frame.dataset.story, Number(frame.dataset.seconds));
    const named = Place.named();
    const from = named ?? place.remembered;
    attach(from);
    if (named === null && from !== null) offerBeginning(from);
    for (const event of ["pause", "ended"]) video.addEventListener(event, () => place.remember(video.ended ? 0 : video.currentTime));
    window.addEventListener("pagehide", () => video.currentTime > 0 && !video.ended && place.remember(video.currentTime));
    window.addEventListener("hashchange", () => {
        const at = Place.named();
        if (at !== null) video.currentTime = at;
    });
}

function offerBeginning(from) {
    const offer = frame.querySelector("[data-resumed]");
    if (!offer) return;
    const clock = new Date(from * 1000).toISOString().slice(from < 3600 ? 14 : 11, 19);
    offer.querySelector("[data-from]").textContent = clock.replace(/^0/, "");
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", () => {
        video.currentTime = 0;
        offer.hidden = true;
        video.focus();
    });
}

dress(frame, { beside: (name) => beside(frame, name).href });
begin();
offerChapters();
offerSpeed();
watchHowFar();
