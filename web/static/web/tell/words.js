// The captions line by line, beside the player. Without this the same form shows them as one text.

import { asText, asLines, asMoment, moment } from "./vtt.js";

const form = document.querySelector("[data-words]");
const field = form.querySelector("[data-vtt]");
const list = form.querySelector("[data-lines]");
const pattern = form.querySelector("template[data-line]");
const live = form.querySelector("[data-live]");
const video = document.querySelector("[data-player] video");
const fixed = "fixed" in form.dataset;
const lines = asLines(field.value);

// What cannot be taken apart without losing something stays one text.
if (lines.length) {
    for (const line of lines) list.append(rowOf(line));
    form.querySelector("[data-plain]").hidden = true;
    list.hidden = false;
    form.addEventListener("submit", () => { field.value = asText([...list.children].map(lineOf)); });
    video?.addEventListener("timeupdate", markSpoken);
}

function rowOf(line) {
    const row = pattern.content.firstElementChild.cloneNode(true);
    const [start, end, said] = ["start", "end", "said"].map((name) => row.querySelector(`[data-${name}]`));
    start.value = moment(line.start);
    end.value = moment(line.end);
    said.value = line.said;
    said.setAttribute("aria-label", `What is said from ${moment(line.start)}`);
    for (const part of [start, end, said]) part.readOnly = fixed;
    Object.assign(row.dataset, { from: line.start, to: line.end });
    const play = row.querySelector("[data-play]");
    play.textContent = `Play ${moment(line.start)}`;
    play.hidden = !video;
    play.addEventListener("click", () => hear(row));
    start.addEventListener("change", () => { play.textContent = `Play ${start.value}`; });
    for (const [name, act] of [["split", split], ["join", join], ["remove", remove]]) {
        const button = row.querySelector(`[data-${name}]`);
        button.hidden = fixed;
        button.addEventListener("click", () => act(row));
    }
    said.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.ctrlKey) hear(row);
    });
    return row;
}

function lineOf(row) {
    return {
        start: exactly(row.querySelector("[data-start]").value, Number(row.dataset.from)),
        end: exactly(row.querySelector("[data-end]").value, Number(row.dataset.to)),
        said: row.querySelector("[data-said]").value,
    };
}

// Tenths are shown, and a moment that nobody touched keeps its thousandths.
function exactly(typed, kept) {
    return typed === moment(kept) ? kept : asMoment(typed);
}

let until = null;

function hear(row) {
    const { start, end } = lineOf(row);
    video.currentTime = start / 1000;
    until = end / 1000;
    video.play();
}

function markSpoken() {
    if (until !== null && video.currentTime >= until) {
        until = null;
        video.pause();
    }
    const now = video.currentTime * 1000;
    for (const row of list.children) {
        const { start, end } = lineOf(row);
        row.toggleAttribute("data-spoken", start <= now && now < end);
    }
}

// Where the cursor stands in the words, or in their middle; the time is shared by the number of letters.
function split(row) {
    const line = lineOf(row);
    const box = row.querySelector("[data-said]");
    const at = box.selectionStart > 0 && box.selectionStart < line.said.length ? box.selectionStart : middleOf(line.said);
    const [before, after] = [line.said.slice(0, at).trim(), line.said.slice(at).trim()];
    if (!before || !after) return tell("There is nothing to split in this line.");
    const cut = Math.round(line.start + ((line.end - line.start) * at) / line.said.length);
    const second = rowOf({ start: cut, end: line.end, said: after });
    row.replaceWith(rowOf({ start: line.start, end: cut, said: before }), second);
    second.querySelector("[data-said]").focus();
    tell("Split into two lines.");
}

function join(row) {
    const next = row.nextElementSibling;
    if (!next) return tell("There is no next line.");
    const [first, second] = [lineOf(row), lineOf(next)];
    const joined = rowOf({ start: first.start, end: second.end, said: `${first.said} ${second.said}` });
    next.remove();
    row.replaceWith(joined);
    joined.querySelector("[data-said]").focus();
    tell("Joined with the next line.");
}

function remove(row) {
    if (list.children.length === 1) return tell("One line has to stay.");
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    neighbour.querySelector("[data-said]").focus();
    tell("The line is taken out.");
}

function middleOf(words) {
    const half = words.indexOf(" ", words.length / 2);
    return half > 0 ? half : words.lastIndexOf(" ");
}

function tell(words) {
    live.textContent = words;
}
