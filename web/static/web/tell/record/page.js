// The page on which a story is recorded chapter by chapter: look and listen, record, watch it, again if you like, send.

import { Panel } from "../panel.js";
import { Cancelled, Exhausted } from "../transfer.js";
import { Booth, CannotRecord } from "./booth.js";
import { Going, TooLarge } from "./going.js";
import { DoNotFit } from "./joining.js";
import { Takes } from "./takes.js";

const LOOK_EVERY_MS = 100;
const FAINT = 12; // of 100: a quiet room
const FAINT_FOR_MS = 4_000;

const frame = document.querySelector("[data-booth]");
const part = (name) => frame.querySelector(`[data-${name}]`);
const chapters = [...frame.querySelectorAll("[data-chapter]")];
const names = new Map(chapters.map((button) => [button.dataset.chapter, button.querySelector("[data-name]").textContent]));
const takes = new Takes(frame.dataset.story, [...names.keys()]);
const booth = new Booth({ lost });
const going = new Going(takes, frame.dataset);
const panel = new Panel(frame, { cancel });
const mostSeconds = Number(frame.dataset.mostSeconds);
let current = chapters[0].dataset.chapter;
let began = 0;
let heardAt = 0;

frame.hidden = false;
for (const button of chapters) button.addEventListener("click", () => choose(button.dataset.chapter));
for (const [name, act] of Object.entries({ on: turnOn, record, stop: () => booth.stop(), again, next, drop, off: turnOff, send, empty })) {
    part(name).addEventListener("click", act);
}
window.addEventListener("beforeunload", (event) => booth.recording && event.preventDefault());
window.addEventListener("pagehide", () => booth.turnOff());
setInterval(listen, LOOK_EVERY_MS);
begin();

async function begin() {
    if (Booth.missing) {
        complain("This browser cannot record on this page.");
        part("stage-acts").hidden = true;
        return;
    }
    // Without room of its own, the browser forgets takes on a reload; recording works all the same.
    await takes.load().catch(() => {});
    if (takes.mode) frame.querySelector(`input[value=${takes.mode}]`).checked = true;
    current = takes.chapters.find((chapter) => !takes.kept.has(chapter)) ?? current;
    draw();
    if (takes.film?.upload) await send();
}

function mode() {
    return frame.querySelector("input[name=mode]:checked").value;
}

async function turnOn() {
    complain("");
    try {
        await booth.turnOn(mode());
    } catch (trouble) {
        if (!(trouble instanceof CannotRecord)) throw trouble;
        const which = mode() === "video" ? "We cannot use the camera and the microphone." : "We cannot use the microphone.";
        complain(`${which} ${trouble.message}`);
        return false;
    }
    heardAt = performance.now();
    part("preview").srcObject = booth.stream;
    draw();
    say(mode() === "video" ? "Camera and microphone are on." : "The microphone is on.");
    if (!part("record").hidden) part("record").focus();
    return true;
}

function turnOff() {
    booth.turnOff();
    draw();
    say("Everything is off.");
    part("on").focus();
}

async function record() {
    complain("");
    const chapter = current;
    began = performance.now();
    const taking = booth.record();
    draw();
    say(`Recording “${names.get(chapter)}”.`);
    part("stop").focus();
    try {
        const take = await taking;
        await takes.keep(chapter, { ...take, mode: mode() });
        say(`Kept: ${clock(take.seconds)}. You can play it, record it again, or go on.`);
    } catch (trouble) {
        complain(
            takes.kept.has(chapter)
                ? "Your browser has no room to keep this take. It is here as long as this page stays open."
                : `This take was lost: ${trouble.message}`,
        );
    }
    draw();
    part(part("next").hidden ? "again" : "next").focus();
}

async function again() {
    if (booth.on || (await turnOn())) await record();
}

function choose(chapter) {
    if (booth.recording) return;
    current = chapter;
    draw();
    part("title").focus();
}

function next() {
    choose(takes.after(current));
}

async function drop() {
    await takes.drop(current).catch(() => {});
    draw();
    say("The take is gone.");
    part("title").focus();
}

async function empty() {
    await takes.clear().catch(() => {});
    draw();
    say("All takes are gone.");
    part("title").focus();
}

// Unplugged, or taken away in the browser's settings: what was said until then is kept.
function lost() {
    const midway = booth.recording;
    booth.stop();
    booth.turnOff();
    draw();
    complain(`Camera or microphone are gone.${midway ? " What you had said until then is kept." : ""}`);
}

function listen() {
    if (!booth.on) return;
    const now = performance.now();
    part("meter").value = booth.level;
    if (booth.level > FAINT) heardAt = now;
    part("heard").textContent =
        now - heardAt > FAINT_FOR_MS ? "We hear next to nothing. Is the microphone covered or switched off?" : "";
    if (!booth.recording) return;
    const seconds = (now - began) / 1000;
    part("clock").textContent = clock(seconds);
    if (takes.secondsBeside(current) + seconds >= mostSeconds) booth.stop();
}

let shown = null; // which take the player holds, and under which address

function draw() {
    const [busy, take, following] = [booth.recording, takes.kept.get(current), takes.after(current)];
    part("place").textContent = `Chapter ${takes.chapters.indexOf(current) + 1} of ${takes.chapters.length}`;
    part("title").textContent = names.get(current);
    part("prompt").textContent = chapterOf(current).dataset.prompt;
    part("next").textContent = following ? `Go on to “${names.get(following)}”` : "";
    part("clock").textContent = busy ? part("clock").textContent : "";
    for (const input of frame.querySelectorAll("input[name=mode]")) input.disabled = booth.on || takes.told.length > 0;
    show({ choice: !booth.on && !busy, on: !booth.on && !take, record: booth.on && !busy && !take, stop: busy });
    show({ again: take && !busy, drop: take && !busy, next: take && !busy && following, off: booth.on && !busy });
    show({ preview: booth.on && mode() === "video" && (busy || !take), levels: booth.on && (busy || !take), take: take && !busy });
    showTake(busy ? null : take);
    for (const button of chapters) drawChapter(button, busy);
    part("sum").textContent = `${takes.told.length} of ${takes.chapters.length} chapters, ${clock(takes.seconds)} in all.`;
    show({ finish: takes.told.length > 0 && !busy });
}

function showTake(take) {
    if (shown?.take === take) return;
    if (shown) URL.revokeObjectURL(shown.address);
    shown = take ? { take, address: URL.createObjectURL(take.blob) } : null;
    if (shown) part("take").src = shown.address;
    else part("take").removeAttribute("src");
    part("take").classList.toggle("sound", take?.mode === "audio");
    part("take").setAttribute("aria-label", `Your take of “${names.get(current)}”`);
}

function drawChapter(button, busy) {
    const { chapter } = button.dataset;
    const take = takes.kept.get(chapter);
    button.querySelector("[data-state]").textContent = take ? clock(take.seconds) : "not recorded";
    button.classList.toggle("told", Boolean(take));
    button.disabled = busy;
    if (chapter === current) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
}

function chapterOf(kind) {
    return chapters.find((button) => button.dataset.chapter === kind);
}

async function send() {
    booth.turnOff();
    complain("");
    show({ stage: false, list: false, finish: false });
    part("cancel").hidden = true; // until there is something to call off
    panel.tell("We are putting your chapters together.", 0);
    panel.say("We are putting your chapters together.");
    try {
        await going.go({
            seen: Number(frame.dataset.version),
            mostBytes: Number(frame.dataset.mostBytes),
            started: (transfer) => {
                part("cancel").hidden = false;
                panel.follow(transfer);
            },
        });
        panel.letGo();
        window.location.assign(frame.dataset.done);
    } catch (trouble) {
        panel.hide();
        show({ stage: true, list: true });
        draw();
        if (!(trouble instanceof Cancelled)) complain(reasonOf(trouble));
    }
}

function reasonOf(trouble) {
    const kept = "Your takes are still here: press “Send” once more to go on.";
    if (trouble instanceof Exhausted) return `The connection is too bad at the moment. ${kept}`;
    if (trouble instanceof TooLarge) return "Together they are larger than we can take. Leave a chapter out, or record it shorter.";
    if (!(trouble instanceof DoNotFit)) return `${trouble.message} ${kept}`;
    const misfit = takes.told[trouble.number];
    choose(misfit);
    return (
        `“${names.get(misfit)}” was recorded with another camera or microphone, or with the device held another way, ` +
        `than “${names.get(takes.told[0])}”. Please record it again like that one.`
    );
}

async function cancel() {
    try {
        await going.cancel();
        say("Cancelled. What had been sent is removed; your takes are still here.");
    } catch (trouble) {
        complain(trouble.message);
    }
}

function show(parts) {
    for (const [name, visible] of Object.entries(parts)) part(name).hidden = !visible;
}

function say(words) {
    part("status").textContent = words;
}

function complain(words) {
    part("error").textContent = words;
    part("ways-out").hidden = !words;
}

function clock(seconds) {
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
