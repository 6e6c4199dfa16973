// The page on which a recording goes up: choose, watch it go, pause, go on after a reload, cancel.

import { Refused, ask } from "./asking.js";
import { size, timeLeft } from "./figures.js";
import { Memory } from "./memory.js";
import { Cancelled, Exhausted, Transfer } from "./transfer.js";
import { Uploads } from "./uploads.js";

const CONFLICT = 409;
const MOST_ROUNDS = 3;
const REDRAW_MS = 500;
const SAY_EVERY_PERCENT = 25;

const frame = document.querySelector("[data-sending]");
const part = (name) => frame.querySelector(`[data-${name}]`);
const chooser = part("file");
const uploads = new Uploads(frame.dataset.uploads);
const memory = new Memory(`sameboat.sending.${frame.dataset.story}`);
let transfer = null;
let going = null; // the upload that is under way or was begun earlier
let saidPercent = 0;

frame.hidden = false;
chooser.addEventListener("change", () => chooser.files[0] && choose(chooser.files[0]));
part("pause").addEventListener("click", pauseOrGoOn);
part("cancel").addEventListener("click", cancel);
window.addEventListener("beforeunload", warn);
window.addEventListener("offline", draw);
window.addEventListener("online", draw);
setInterval(() => transfer && draw(), REDRAW_MS);
lookBack();

// Something was begun here earlier: say how far it is, or finish what only lacked its end.
async function lookBack() {
    if (!memory.kept) return;
    try {
        going = await uploads.look(memory.kept.upload);
    } catch (trouble) {
        if (trouble instanceof Refused) memory.forget();
        else complain(trouble.message);
        return;
    }
    if (going.state === "complete") {
        await finish();
    } else if (going.state === "open") {
        const percent = Math.floor((100 * arrivedBytes(going)) / going.size);
        part("hint").textContent =
            `${percent} % of “${memory.kept.name}” is here already. Choose the same file once more, and it goes on from there.`;
        part("bar").value = percent;
        show({ underWay: true, pausable: false });
    } else {
        memory.forget();
        going = null;
    }
}

async function choose(file) {
    complain("");
    if (file.size > Number(frame.dataset.mostBytes)) {
        complain(`This file has ${size(file.size)}, and ${size(Number(frame.dataset.mostBytes))} is the most we can take.`);
        return;
    }
    if (going && !memory.isOf(file)) {
        complain(`This is not the file that you began with (“${memory.kept.name}”). Choose that one to go on, or cancel it first.`);
        return;
    }
    chooser.disabled = true;
    try {
        going = going ? await uploads.look(going.id) : await uploads.begin(file);
        memory.keep(going.id, file);
        say(`Sending “${file.name}”, ${size(file.size)}.`);
        await sendAll(file);
        await finish();
    } catch (trouble) {
        stopped(trouble);
    }
}

// The store says what is missing; should it lack parts after all were sent, they are sent once more.
async function sendAll(file) {
    for (let round = 1; ; round += 1) {
        await sendMissing(file);
        try {
            await uploads.complete(going.id);
            return;
        } catch (trouble) {
            if (trouble.status !== CONFLICT || round === MOST_ROUNDS) throw trouble;
            going = await uploads.look(going.id);
        }
    }
}

async function sendMissing(file) {
    const addressesOf = (numbers) => uploads.addresses(going.id, numbers);
    transfer = new Transfer(file, going, { addressesOf, changed: () => {} });
    saidPercent = 0;
    show({ underWay: true, pausable: true });
    draw();
    await transfer.run();
}

async function finish() {
    transfer = null;
    part("figures").textContent = "Everything has gone up. One moment, please.";
    part("bar").value = 100;
    show({ underWay: true, pausable: false });
    try {
        await attach(Number(frame.dataset.version));
    } catch (trouble) {
        chooser.disabled = false;
        complain(trouble.message);
        return;
    }
    memory.forget();
    window.location.reload();
}

// Whoever sends a recording wants this one, whatever else of the story was changed in another window meanwhile.
async function attach(seen) {
    try {
        await ask("PUT", frame.dataset.recording, { body: { seen, upload: going.id } });
    } catch (trouble) {
        const fresh = trouble.current;
        if (trouble.status !== CONFLICT || !fresh?.may_be_edited || fresh.version === seen) throw trouble;
        await attach(fresh.version);
    }
}

function stopped(trouble) {
    transfer = null;
    chooser.disabled = false;
    chooser.value = "";
    if (trouble instanceof Cancelled) return;
    const there = going ? " What has gone up is kept: choose the same file once more to go on." : "";
    const words = trouble instanceof Exhausted ? "The connection is too bad at the moment." : trouble.message;
    complain(words + there);
    show({ underWay: going !== null, pausable: false });
}

function pauseOrGoOn() {
    if (transfer.paused) transfer.goOn();
    else transfer.pause();
    say(transfer.paused ? "Paused." : "Going on.");
    draw();
}

async function cancel() {
    transfer?.cancel();
    chooser.disabled = true;
    complain("");
    try {
        await uploads.cancel(going.id);
    } catch (trouble) {
        if (!(trouble instanceof Refused)) {
            chooser.disabled = false;
            complain(trouble.message);
            return;
        }
    }
    memory.forget();
    going = null;
    transfer = null;
    chooser.disabled = false;
    chooser.value = "";
    part("hint").textContent = "It starts to go up as soon as you choose it.";
    show({ underWay: false, pausable: false });
    say("Cancelled. What had been sent is removed.");
    chooser.focus();
}

function draw() {
    if (!transfer) return;
    const { bytesSent } = transfer;
    const percent = Math.floor((100 * bytesSent) / transfer.size);
    const soFar = `${size(bytesSent)} of ${size(transfer.size)} (${percent} %)`;
    part("bar").value = percent;
    part("pause").textContent = transfer.paused ? "Go on" : "Pause";
    if (transfer.paused) part("figures").textContent = `Paused at ${soFar}.`;
    else if (!navigator.onLine) part("figures").textContent = `No connection. ${soFar}; it goes on by itself.`;
    else part("figures").textContent = [soFar, speed(), timeLeft(transfer.secondsLeft)].filter(Boolean).join(", ");
    if (percent - saidPercent >= SAY_EVERY_PERCENT && percent < 100) {
        saidPercent = percent - (percent % SAY_EVERY_PERCENT);
        say(`${saidPercent} % has gone up. ${timeLeft(transfer.secondsLeft)}`);
    }
}

function speed() {
    const bytes = transfer.speed;
    return bytes > 0 ? `${size(bytes)} a second` : "";
}

function show({ underWay, pausable }) {
    part("under-way").hidden = !underWay;
    part("pause").hidden = !pausable;
}

// Only for those who listen; the figures on the page change far too often to be read out.
function say(words) {
    part("live").textContent = words;
}

function complain(words) {
    part("error").textContent = words;
}

function warn(event) {
    if (transfer && !transfer.paused) event.preventDefault();
}

function arrivedBytes(upload) {
    return upload.parts.reduce((bytes, one) => bytes + one.size, 0);
}
