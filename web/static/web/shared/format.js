// @ts-check
// Sizes, percentages and durations in the language of the page.

import { gettext, interpolate, ngettext } from "./i18n.js";

const MEGABYTE = 1024 ** 2;
const GIGABYTE = 1024 ** 3;

/** @returns {string} */
function pageLanguage() {
    return globalThis.document?.documentElement.lang || "en-GB";
}

/**
 * @param {number} value
 * @param {string} unit an Intl unit such as "megabyte" or "megabyte-per-second"
 */
function formatUnit(value, unit) {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    return new Intl.NumberFormat(pageLanguage(), { style: "unit", unit, ...digits }).format(value);
}

/** @param {number} bytes */
export function formatBytes(bytes) {
    return bytes >= GIGABYTE
        ? formatUnit(bytes / GIGABYTE, "gigabyte")
        : formatUnit(bytes / MEGABYTE, "megabyte");
}

/** @param {number} bytesPerSecond */
export function formatSpeed(bytesPerSecond) {
    return formatUnit(bytesPerSecond / MEGABYTE, "megabyte-per-second");
}

/** @param {number} percent 0 to 100 */
export function formatPercent(percent) {
    return new Intl.NumberFormat(pageLanguage(), { style: "percent" }).format(percent / 100);
}

/**
 * A position in a recording as m:ss, or h:mm:ss from one hour. Fractions of a second are dropped.
 * @param {number} seconds
 */
export function formatClock(seconds) {
    const whole = Math.floor(seconds);
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    const tail = String(whole % 60).padStart(2, "0");
    return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** @param {number} seconds */
export function formatTimeLeft(seconds) {
    if (seconds < 10) return gettext("A few seconds left");
    if (seconds < 60) {
        const rounded = Math.ceil(seconds / 10) * 10;
        return interpolate(ngettext("About %(count)s second left", "About %(count)s seconds left", rounded), {
            count: rounded,
        });
    }
    const minutes = Math.ceil(seconds / 60);
    return interpolate(ngettext("About %(count)s minute left", "About %(count)s minutes left", minutes), {
        count: minutes,
    });
}
