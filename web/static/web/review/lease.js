// How long a reviewer still holds the story: counted down, said aloud twice, made longer without leaving the page.

import { ask } from "../tell/asking.js";

const SHORT = 2 * 60;
const TICK_MS = 5_000;
const frame = document.querySelector("[data-lease]");
const words = frame.querySelector("[data-words]");
const live = frame.querySelector("[data-live]");
const button = frame.querySelector("[data-renew-button]");
let until = Date.now() + Number(frame.dataset.lease) * 1_000;
let said = "";

button.addEventListener("click", renew);
setInterval(show, TICK_MS);
show();

async function renew(event) {
    event.preventDefault();
    button.disabled = true;
    try {
        await ask("POST", frame.dataset.renew, { body: {} });
        // Counted from here: this machine's clock may differ from the one that the lease runs on.
        until = Date.now() + Number(frame.dataset.wholeLease) * 1_000;
        say("You hold it for ten more minutes.");
    } catch (trouble) {
        say(trouble.message);
    }
    button.disabled = false;
    show();
}

function show() {
    const left = Math.max(0, Math.round((until - Date.now()) / 1_000));
    frame.classList.toggle("short", left < SHORT);
    words.textContent = sentence(left);
    if (left === 0) say("You no longer hold this story.");
    else if (left < SHORT) say("You hold this story for less than two more minutes.");
}

function sentence(left) {
    if (left === 0) return "You no longer hold this story. What you filled in is still here.";
    if (left < 60) return "You hold this story for less than a minute.";
    const minutes = Math.round(left / 60);
    return `You hold this story for ${minutes} more minute${minutes === 1 ? "" : "s"}.`;
}

// Said once each: a voice that counts down is the last thing that anybody needs here.
function say(sentenceToSay) {
    if (sentenceToSay === said) return;
    said = sentenceToSay;
    live.textContent = sentenceToSay;
}
