// The part of a page that shows how far a transfer is, and lets somebody pause it or call it off.

import { size, timeLeft } from "./figures.js";

const REDRAW_MS = 500;
const SAY_EVERY_PERCENT = 25;

export class Panel {
    constructor(frame, { cancel }) {
        this.frame = frame;
        this.transfer = null;
        this.saidPercent = 0;
        this.part("pause").addEventListener("click", () => this.pauseOrGoOn());
        this.part("cancel").addEventListener("click", cancel);
        window.addEventListener("beforeunload", (event) => {
            if (this.transfer && !this.transfer.paused) event.preventDefault();
        });
        window.addEventListener("offline", () => this.draw());
        window.addEventListener("online", () => this.draw());
        setInterval(() => this.draw(), REDRAW_MS);
    }

    part(name) {
        return this.frame.querySelector(`[data-${name}]`);
    }

    follow(transfer) {
        this.transfer = transfer;
        this.saidPercent = 0;
        this.show({ pausable: true });
        this.draw();
    }

    // Nothing goes any more; what is shown stays as it is.
    letGo() {
        this.transfer = null;
        this.show({ pausable: false });
    }

    tell(words, percent) {
        this.part("figures").textContent = words;
        this.part("bar").value = percent;
        this.show({ pausable: false });
    }

    show({ pausable }) {
        this.part("under-way").hidden = false;
        this.part("pause").hidden = !pausable;
    }

    hide() {
        this.transfer = null;
        this.part("under-way").hidden = true;
    }

    pauseOrGoOn() {
        if (this.transfer.paused) this.transfer.goOn();
        else this.transfer.pause();
        this.say(this.transfer.paused ? "Paused." : "Going on.");
        this.draw();
    }

    draw() {
        if (!this.transfer) return;
        const { bytesSent, secondsLeft, paused } = this.transfer;
        const percent = Math.floor((100 * bytesSent) / this.transfer.size);
        const soFar = `${size(bytesSent)} of ${size(this.transfer.size)} (${percent} %)`;
        this.part("bar").value = percent;
        this.part("pause").textContent = paused ? "Go on" : "Pause";
        if (paused) this.part("figures").textContent = `Paused at ${soFar}.`;
        else if (!navigator.onLine) this.part("figures").textContent = `No connection. ${soFar}; it goes on by itself.`;
        else this.part("figures").textContent = [soFar, this.speed, timeLeft(secondsLeft)].filter(Boolean).join(", ");
        if (percent - this.saidPercent >= SAY_EVERY_PERCENT && percent < 100) {
            this.saidPercent = percent - (percent % SAY_EVERY_PERCENT);
            this.say(`${this.saidPercent} % has gone up. ${timeLeft(secondsLeft)}`);
        }
    }

    get speed() {
        const bytes = this.transfer.speed;
        return bytes > 0 ? `${size(bytes)} a second` : "";
    }

    // Only for those who listen; the figures on the page change far too often to be read out.
    say(words) {
        this.part("live").textContent = words;
    }
}
