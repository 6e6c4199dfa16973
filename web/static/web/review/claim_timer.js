// @ts-check
// Counts down how long a reviewer holds the claim on a story, and extends it without leaving the page.

import { errorMessage, requestJson } from "../shared/api_client.js";
import { queryElement, requiredData } from "../shared/dom.js";
import { gettext } from "../shared/i18n.js";
import { claimStatus, SHORT_SECONDS } from "./claim_status.js";

const TICK_MS = 5_000;
const root = queryElement(document, "[data-claim-seconds]", HTMLElement);
const statusText = queryElement(root, "[data-claim-status]", HTMLElement);
const liveRegion = queryElement(root, "[data-live]", HTMLElement);
const extendButton = queryElement(root, "[data-extend-claim]", HTMLButtonElement);
let expiresAt = Date.now() + Number(root.dataset.claimSeconds) * 1_000;
let announced = "";

extendButton.addEventListener("click", extendClaim);
setInterval(render, TICK_MS);
render();

/** @param {MouseEvent} event */
async function extendClaim(event) {
    event.preventDefault();
    extendButton.disabled = true;
    try {
        await requestJson("POST", requiredData(root, "claimUrl"), { body: {} });
        // Counted from now: the clocks of server and device may differ.
        expiresAt = Date.now() + Number(requiredData(root, "leaseSeconds")) * 1_000;
        announce(gettext("This story is reserved for you for ten more minutes."));
    } catch (error) {
        announce(errorMessage(error));
    }
    extendButton.disabled = false;
    render();
}

function render() {
    const secondsLeft = Math.max(0, Math.round((expiresAt - Date.now()) / 1_000));
    root.classList.toggle("expiring", secondsLeft < SHORT_SECONDS);
    statusText.textContent = claimStatus(secondsLeft);
    if (secondsLeft === 0) announce(gettext("This story is no longer reserved for you."));
    else if (secondsLeft < SHORT_SECONDS)
        announce(gettext("This story is reserved for you for less than two more minutes."));
}

// Each message once: repeated announcements would interrupt the review.
/** @param {string} message */
function announce(message) {
    if (message === announced) return;
    announced = message;
    liveRegion.textContent = message;
}
