// How far the recording is: asked for every few seconds, and said aloud only now and then.

const ASK_EVERY_MS = 3_000;
const LONGEST_WAIT_MS = 30_000;
const SAY_EVERY_PERCENT = 25;
const STAGES = {
    fetching: "We are fetching it",
    checking: "We are checking that it plays to the end",
    encoding: "We are making it playable on every device",
    storing: "We are putting it away",
};

for (const frame of document.querySelectorAll("[data-progress]")) follow(frame);

function follow(frame) {
    let wait = ASK_EVERY_MS;
    let saidPercent = -SAY_EVERY_PERCENT;

    async function look() {
        const told = await asked(frame.dataset.progress);
        if (told === null) {
            wait = Math.min(LONGEST_WAIT_MS, wait * 2);
        } else if (over(told)) {
            window.location.reload();
            return;
        } else {
            wait = ASK_EVERY_MS;
            show(told);
        }
        setTimeout(look, wait);
    }

    function show({ percent, stage }) {
        frame.querySelector("progress").value = percent;
        const said = percent - saidPercent >= SAY_EVERY_PERCENT;
        if (!said) return;
        saidPercent = percent;
        frame.querySelector("[data-words]").textContent =
            `${STAGES[stage] ?? "Your recording is being made playable"}: ${percent} %.`;
    }

    setTimeout(look, ASK_EVERY_MS);
}

// Done, or far enough to be watched where nothing could be before.
function over({ recording }) {
    if (recording === null || !["stored", "processing"].includes(recording.status)) return true;
    return recording.playable && document.querySelector("[data-player]") === null;
}

async function asked(address) {
    try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        return answer.ok ? await answer.json() : null;
    } catch {
        return null;
    }
}
