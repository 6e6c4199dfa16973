// @ts-check
// Translated accessible names for media-chrome. Its bundle has English labels only and does not export the
// function that adds others, so labels are replaced as they appear.

import { gettext, interpolate, ngettext } from "../shared/i18n.js";

/** @type {Record<string, () => string>} */
const LABELS = {
    play: () => gettext("Play"),
    pause: () => gettext("Pause"),
    mute: () => gettext("Mute"),
    unmute: () => gettext("Unmute"),
    seek: () => gettext("Position in the recording"),
    "closed captions": () => gettext("Captions"),
    "playback time": () => gettext("Playback time"),
    "video player": () => gettext("Video player"),
    "enter fullscreen mode": () => gettext("Enter full screen"),
    "exit fullscreen mode": () => gettext("Exit full screen"),
};

/**
 * The translation of a label of media-chrome; the label itself if it is unknown or translated already.
 * @param {string} label
 */
export function translateLabel(label) {
    const skip = /^seek (back|forward) (\d+) seconds$/.exec(label);
    if (!skip) return Object.hasOwn(LABELS, label) ? LABELS[label]() : label;
    const count = Number(skip[2]);
    const message =
        skip[1] === "back"
            ? ngettext("Skip back %(count)s second", "Skip back %(count)s seconds", count)
            : ngettext("Skip forward %(count)s second", "Skip forward %(count)s seconds", count);
    return interpolate(message, { count });
}

/**
 * "1 minute, 5 seconds of 2 minutes" as screen readers hear it.
 * @param {number} position in seconds
 * @param {number} duration in seconds
 */
export function describePosition(position, duration) {
    const [elapsed, total] = [spokenDuration(position), spokenDuration(duration)];
    return interpolate(gettext("%(elapsed)s of %(total)s"), { elapsed, total });
}

/** @param {number} seconds */
function spokenDuration(seconds) {
    const whole = Math.floor(seconds);
    const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
    const spokenMinutes = interpolate(ngettext("%(count)s minute", "%(count)s minutes", minutes), {
        count: minutes,
    });
    const spokenSeconds = interpolate(ngettext("%(count)s second", "%(count)s seconds", rest), {
        count: rest,
    });
    if (minutes === 0) return spokenSeconds;
    if (rest === 0) return spokenMinutes;
    return interpolate(gettext("%(minutes)s, %(seconds)s"), {
        minutes: spokenMinutes,
        seconds: spokenSeconds,
    });
}

const SPOKEN_ATTRIBUTES = ["aria-description", "aria-valuetext"];

/**
 * Keeps the labels of an element, and of everything in it, translated.
 * @param {Node} root an element or a shadow root
 * @param {HTMLMediaElement} video
 */
export function translatePlayerLabels(root, video) {
    const translate = () => {
        const elements = root instanceof Element ? [root] : [];
        if (root instanceof Element || root instanceof ShadowRoot)
            elements.push(...root.querySelectorAll("[aria-label]"));
        for (const element of elements) translateElement(element, video);
    };
    translate();
    const observer = new MutationObserver(translate);
    observer.observe(root, { subtree: true, attributeFilter: ["aria-label", ...SPOKEN_ATTRIBUTES] });
}

/**
 * @param {Element} element
 * @param {HTMLMediaElement} video
 */
function translateElement(element, video) {
    const label = element.getAttribute("aria-label");
    if (label !== null) setIfChanged(element, "aria-label", translateLabel(label));
    const isTime = element.matches("media-time-display, input[type=range]");
    if (!isTime || !Number.isFinite(video.duration)) return;
    for (const attribute of SPOKEN_ATTRIBUTES) {
        if (element.hasAttribute(attribute)) {
            setIfChanged(element, attribute, describePosition(video.currentTime, video.duration));
        }
    }
}

/**
 * Setting an equal value would call the observer again without end.
 * @param {Element} element
 * @param {string} attribute
 * @param {string} value
 */
function setIfChanged(element, attribute, value) {
    if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}
