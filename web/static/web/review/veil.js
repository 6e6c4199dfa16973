// Blur, grey and mute are on until a reviewer lifts them; what they chose is remembered in this browser.

const KEY = "sameboat.review.veil";
const LIFTED = { blur: "Blur", grey: "Grey", mute: "Mute" };
const DRAWN = { blur: "Blurred", grey: "Grey", mute: "Muted" };
const frame = document.querySelector("[data-player]");
const video = frame.querySelector("video");
const buttons = [...frame.querySelectorAll("[data-veil]")];
const drawn = { blur: true, grey: true, mute: true, ...remembered() };

frame.querySelector("[data-veils]").hidden = false;
for (const button of buttons) button.addEventListener("click", () => toggle(button.dataset.veil));
show();

function toggle(veil) {
    drawn[veil] = !drawn[veil];
    try {
        localStorage.setItem(KEY, JSON.stringify(drawn));
    } catch {
        // Storage that is switched off: the choice holds for this page only.
    }
    show();
}

function show() {
    frame.classList.toggle("veil-blur", drawn.blur);
    frame.classList.toggle("veil-grey", drawn.grey);
    video.muted = drawn.mute;
    for (const button of buttons) {
        const on = drawn[button.dataset.veil];
        button.setAttribute("aria-pressed", String(on));
        button.textContent = (on ? DRAWN : LIFTED)[button.dataset.veil];
    }
}

function remembered() {
    try {
        return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
        return {};
    }
}
