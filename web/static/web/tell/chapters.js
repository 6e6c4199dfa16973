// Chapters: take the player's present time, and add rows. Without this the form works as it stands.

const form = document.querySelector("[data-chapters]");
const rows = form.querySelector("[data-rows]");
const empty = form.querySelector("[data-empty-row]");
const total = form.querySelector("[name=chapters-TOTAL_FORMS]");
const most = Number(form.querySelector("[name=chapters-MAX_NUM_FORMS]").value);
const add = form.querySelector("[data-add]");
const video = document.querySelector("[data-player] video");

for (const row of rows.querySelectorAll("[data-row]")) offerTime(row);
add.hidden = false;
add.addEventListener("click", addRow);
enough();

function offerTime(row) {
    if (!video) return;
    const button = row.querySelector("[data-now]");
    button.hidden = false;
    button.addEventListener("click", () => {
        const moment = row.querySelector("[data-moment]");
        moment.value = clock(video.currentTime);
        moment.focus();
    });
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

function clock(seconds) {
    const tenths = Math.floor(seconds * 10);
    const rest = (tenths % 600) / 10;
    return `${Math.floor(tenths / 600)}:${rest.toFixed(1).padStart(4, "0")}`;
}
