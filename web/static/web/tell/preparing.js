// How far the recording is: told by the server as it happens, asked for where that does not work, and said aloud only
// now and then.

const ASK_EVERY_MS = 3_000;
const LONGEST_WAIT_MS = 30_000;
const SAY_EVERY_PERCENT = 25;
// A stream that breaks so often without a word in between is not let through on its way to us.
const BROKEN_AFTER = 3;

for (const frame of document.querySelectorAll("[data-progress]")) follow(frame);

function follow(frame) {
    const say = teller(frame);
    if ("EventSource" in window) listen(frame, say);
    else ask(frame, say);
}

// The browser comes back by itself after the pause that the server names.
function listen(frame, say) {
    const events = new EventSource(frame.dataset.events);
    let broken = 0;
    const hear = ({ data }) => {
        broken = 0;
        say(JSON.parse(data));
    };
    events.addEventListener("message", hear);
    events.addEventListener("over", (event) => {
        events.close();
        hear(event);
    });
    events.addEventListener("error", () => {
        broken += 1;
        if (events.readyState !== EventSource.CLOSED && broken < BROKEN_AFTER) return;
        events.close();
        ask(frame, say);
    });
}

function ask(frame, say) {
    let wait = ASK_EVERY_MS;

    async function look() {
        const told = await asked(frame.dataset.progress);
        if (told === null) wait = Math.min(LONGEST_WAIT_MS, wait * 2);
        else {
            wait = ASK_EVERY_MS;
            say(told);
            if (told.over) return;
        }
        setTimeout(look, wait);
    }

    setTimeout(look, ASK_EVERY_MS);
}

function teller(frame) {
    const words = frame.querySelector("[data-words]");
    const aloud = frame.querySelector("[data-aloud]");
    let saidPercent = -SAY_EVERY_PERCENT;
    let saidTrouble = "";

    return (told) => {
        if (showsMoreNow(told) && !offerMore(frame)) {
            window.location.reload();
            return;
        }
        frame.querySelector("progress").value = told.percent;
        words.textContent = told.words;
        const trouble = told.words.includes("%") ? "" : told.words;
        if (!told.over && told.percent - saidPercent < SAY_EVERY_PERCENT && trouble === saidTrouble) return;
        saidPercent = told.percent;
        saidTrouble = trouble;
        aloud.textContent = told.words;
    };
}

// Done, or far enough to be watched where nothing could be before.
function showsMoreNow({ over, recording }) {
    return over || (recording?.playable && document.querySelector("[data-player]") === null);
}

// Nobody is interrupted who watches what is there already; where they are they go on. False if nobody watches.
function offerMore(frame) {
    const watched = [...document.querySelectorAll("video")].find((video) => video.currentTime > 0 && !video.ended);
    if (!watched) return false;
    const offer = frame.querySelector("[data-more]");
    offer.hidden = false;
    for (const words of document.querySelectorAll("[data-before]")) words.hidden = true; // no longer so
    offer.querySelector("button").onclick = () => {
        window.location.hash = `t=${watched.currentTime.toFixed(1)}`;
        window.location.reload();
    };
    return true;
}

async function asked(address) {
    try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        return answer.ok ? await answer.json() : null;
    } catch {
        return null;
    }
}
