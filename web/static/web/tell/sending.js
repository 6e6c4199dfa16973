// The page on which a recording goes up: choose, watch it go, pause, go on after a reload, cancel.

import { Refused } from "./asking.js";
import { Delivery, Elsewhere } from "./delivering.js";
import { size } from "./figures.js";
import { Memory } from "./memory.js";
import { Panel } from "./panel.js";
import { Cancelled, Exhausted } from "./transfer.js";
import { Uploads } from "./uploads.js";

const frame = document.querySelector("[data-sending]");
const part = (name) => frame.querySelector(`[data-${name}]`);
const chooser = part("file");
const delivery = new Delivery(new Uploads(frame.dataset.uploads), frame.dataset.recording);
const panel = new Panel(frame, { cancel });
const memory = new Memory(`sameboat.sending.${frame.dataset.story}`);

frame.hidden = false;
chooser.addEventListener("change", () => chooser.files[0] && choose(chooser.files[0]));
lookBack();

// Something was begun here earlier: say how far it is, or finish what only lacked its end.
async function lookBack() {
    if (!memory.kept) return;
    try {
        await delivery.look(memory.kept.upload);
    } catch (trouble) {
        if (trouble instanceof Refused) memory.forget();
        else complain(trouble.message);
        return;
    }
    const { state } = delivery.upload;
    if (state === "complete") {
        await finish();
    } else if (state === "open") {
        const percent = Math.floor((100 * delivery.arrivedBytes) / delivery.upload.size);
        part("hint").textContent =
            `${percent} % of “${memory.kept.name}” is here already. Choose the same file once more, and it goes on from there.`;
        panel.tell("", percent);
    } else {
        memory.forget();
        delivery.upload = null;
    }
}

async function choose(file) {
    complain("");
    if (file.size > Number(frame.dataset.mostBytes)) {
        complain(`This file has ${size(file.size)}, and ${size(Number(frame.dataset.mostBytes))} is the most we can take.`);
        return;
    }
    if (delivery.upload && memory.kept && !memory.isOf(file)) {
        complain(`This is not the file that you began with (“${memory.kept.name}”). Choose that one to go on, or cancel it first.`);
        return;
    }
    chooser.disabled = true;
    try {
        if (delivery.upload) await delivery.look(delivery.upload.id);
        else await delivery.begin(file);
        if (delivery.upload.state === "complete") {
            window.location.reload(); // another window was quicker
            return;
        }
        memory.keep(delivery.upload.id, file);
        panel.say(`Sending “${file.name}”, ${size(file.size)}.`);
        await delivery.alone(async () => {
            await delivery.send(file, (transfer) => panel.follow(transfer));
            await finish();
        });
    } catch (trouble) {
        stopped(trouble);
    }
}

async function finish() {
    panel.letGo();
    panel.tell("Everything has gone up. One moment, please.", 100);
    try {
        await delivery.attach(Number(frame.dataset.version));
    } catch (trouble) {
        chooser.disabled = false;
        complain(trouble.message);
        return;
    }
    memory.forget();
    window.location.reload();
}

function stopped(trouble) {
    panel.letGo();
    chooser.disabled = false;
    chooser.value = "";
    if (trouble instanceof Cancelled) return;
    if (trouble instanceof Elsewhere) {
        chooser.disabled = true;
        panel.hide();
        complain(trouble.message);
        trouble.over.then(() => window.location.reload());
        return;
    }
    const there = delivery.upload ? " What has gone up is kept: choose the same file once more to go on." : "";
    const words = trouble instanceof Exhausted ? "The connection is too bad at the moment." : trouble.message;
    complain(words + there);
    if (!delivery.upload) panel.hide();
}

async function cancel() {
    chooser.disabled = true;
    complain("");
    try {
        await delivery.cancel();
    } catch (trouble) {
        if (!(trouble instanceof Refused)) {
            chooser.disabled = false;
            complain(trouble.message);
            return;
        }
        delivery.upload = null;
    }
    memory.forget();
    chooser.disabled = false;
    chooser.value = "";
    part("hint").textContent = "It starts to go up as soon as you choose it.";
    panel.hide();
    panel.say("Cancelled. What had been sent is removed.");
    chooser.focus();
}

function complain(words) {
    part("error").textContent = words;
}
