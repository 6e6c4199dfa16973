// Chapters: take the player's present time, see the picture that is shown then, and add rows. Without this the form works
// as it stands.

import { beside, placeAt, placesIn, show } from "../find/storyboard.js";
import { asMoment, moment } from "./vtt.js";

const form = document.querySelector("[data-chapters]");
const rows = form.querySelector("[data-rows]");
const empty = form.querySelector("[data-empty-row]");
const total = form.querySelector("[name=chapters-TOTAL_FORMS]");
const most = Number(form.querySelector("[name=chapters-MAX_NUM_FORMS]").value);
const add = form.querySelector("[data-add]");
const player = document.querySelector("[data-player]");
const video = player?.querySelector("video");
let places = [];

for (const row of rows.querySelectorAll("[data-row]")) offerTime(row);
fetchPictures();
rows.addEventListener("input", (event) => {
    if (event.target.matches("[data-moment]")) picture(event.target.closest("[data-row]"));
});
add.hidden = false;
add.addEventListener("click", addRow);
enough();

function offerTime(row) {
    if (!video) return;
    const button = row.querySelector("[data-now]");
    button.hidden = false;
    button.addEventListener("click", () => {
        const typed = row.querySelector("[data-moment]");
        typed.value = moment(100 * Math.floor(10 * video.currentTime)); // never past the end
        picture(row);
        typed.focus();
    });
}

// A story of sound has none.
async function fetchPictures() {
    if (!player?.querySelector("[data-filmstrip]")) return;
    try {
        const answer = await fetch(beside(player, "storyboard.vtt"));
        if (answer.ok) places = placesIn(await answer.text());
    } catch {
        return; // the form does not need them
    }
    for (const row of rows.querySelectorAll("[data-row]")) picture(row);
}

// The picture is for the eye: what it shows can be heard at that time in the player.
function picture(row) {
    const place = placeAt(places, asMoment(row.querySelector("[data-moment]").value) / 1000);
    const frame = row.querySelector("[data-picture]");
    frame.hidden = place === null;
    if (place) show(frame, place, beside(player, place.sheet));
}

function addRow() {
    const number = Number(total.value);
    const holder = document.createElement("div");
    holder.innerHTML = empty.innerHTML.replaceAll("__prefix__", String(number));
    const row = holder.firstElementChild;
    for (const place of row.querySelectorAll("[data-number]")) place.textContent = String(number + 1);
    rows.append(row);
    total.value = String(number + 1);
    offerTime(row);
    row.querySelector("select").focus();
    enough();
}

function enough() {
    add.hidden = Number(total.value) >= most;
}
