// The controls below a picture: play, where one is (with small pictures and chapters), captions, sound, the whole screen.
// They come from media-chrome and take the place of the browser's own, which stay where that did not load.

const ABOVE_THE_EDGE = -3; // lines: what is said stands clear of the lower edge

// `frame` is a player; `beside(name)` is the address of a file of the recording.
export function dress(frame, { beside }) {
    const video = frame.querySelector("video");
    if (!video.controls || !customElements.get("media-controller")) return;
    video.before(made("div", { class: "film", id: "film" }));
    const film = frame.querySelector("#film");
    tellChapters(video, Number(frame.dataset.seconds));
    raiseCaptions(video);
    const controller = made("media-controller", { id: "player", fullscreenelement: "film", lang: "en", nocast: "" });
    film.append(controller, bar(video));
    video.controls = false;
    video.slot = "media";
    controller.append(video);
    // Its own role is that of a button, of which nobody would be told whether it is on.
    film.querySelector("media-captions-button")?.setAttribute("role", "switch");
    offerLanguages(frame, [...video.querySelectorAll("track[kind=captions]")]);
    if (frame.querySelector("[data-filmstrip]")) offerPreview(film, video, beside("storyboard.vtt"));
}

function bar(video) {
    const spoken = video.querySelector("track[kind=captions]");
    const parts = [
        made("media-play-button"),
        made("media-seek-backward-button", { seekoffset: "10" }),
        made("media-seek-forward-button", { seekoffset: "10" }),
        made("media-time-range"),
        made("media-time-display", { showduration: "", notoggle: "" }),
        spoken && made("media-captions-button"),
        made("media-mute-button"),
        made("media-fullscreen-button"),
    ];
    return made("media-control-bar", { mediacontroller: "player" }, parts.filter(Boolean));
}

// Made of the list on the page, so that nothing more is asked for.
function tellChapters(video, seconds) {
    const chapters = [...document.querySelectorAll(".chapters [data-at]")].map((item) => ({
        at: Number(item.dataset.at) / 1000,
        name: item.querySelector(".chapter-name").textContent,
    }));
    if (!chapters.length || !seconds) return;
    const cues = chapters.map(({ at, name }, number) => `${moment(at)} --> ${moment(chapters[number + 1]?.at ?? seconds)}\n${name}`);
    const words = new Blob([["WEBVTT", ...cues].join("\n\n")], { type: "text/vtt" });
    video.append(made("track", { kind: "chapters", default: "", src: URL.createObjectURL(words) }));
}

// Small pictures are fetched once somebody comes near the bar.
function offerPreview(film, video, index) {
    const offer = () => video.append(made("track", { kind: "metadata", label: "thumbnails", default: "", src: index }));
    const range = film.querySelector("media-time-range");
    // It shows nothing that the time below it does not say.
    range.shadowRoot.querySelector("media-preview-thumbnail").shadowRoot.querySelector("img").alt = "";
    const once = new AbortController();
    for (const event of ["pointerenter", "focusin"]) {
        range.addEventListener(event, () => { once.abort(); offer(); }, { signal: once.signal });
    }
}

function raiseCaptions(video) {
    for (const track of video.querySelectorAll("track[kind=captions]")) {
        track.addEventListener("load", () => {
            for (const cue of track.track.cues ?? []) cue.line = ABOVE_THE_EDGE;
        });
    }
}

// The button shows and hides captions; which language they are in is chosen beside it, where there is a choice.
function offerLanguages(frame, tracks) {
    const offer = frame.querySelector("[data-languages]");
    if (!offer || tracks.length < 2) return;
    const choice = offer.querySelector("select");
    choice.append(...tracks.map(({ label }, number) => new Option(label, String(number))));
    choice.addEventListener("change", () => {
        tracks.forEach(({ track }, number) => { track.mode = number === choice.selectedIndex ? "showing" : "disabled"; });
    });
    offer.hidden = false;
}

function made(name, attributes = {}, children = []) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
}

function moment(seconds) {
    return new Date(Math.round(seconds * 1000)).toISOString().slice(11, 23);
}
