// @ts-check

import { gettext, interpolate, ngettext } from "../shared/i18n.js";

export const SHORT_SECONDS = 2 * 60;

/** @param {number} secondsLeft */
export function claimStatus(secondsLeft) {
    if (secondsLeft === 0)
        return gettext("This story is no longer reserved for you. What you filled in is still here.");
    if (secondsLeft < 60) return gettext("This story is reserved for you for less than a minute.");
    const count = Math.round(secondsLeft / 60);
    const message = ngettext(
        "This story is reserved for you for %(count)s more minute.",
        "This story is reserved for you for %(count)s more minutes.",
        count,
    );
    return interpolate(message, { count });
}
