// WebVTT as our server writes it, and the moments in it as people type them.

const TIMING = /^(\S+) --> (\S+)/;
const ESCAPES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

// Returns the lines, or none if the text is not of the plain kind that can be put together again.
export function asLines(text) {
    const [head, ...blocks] = text.replaceAll("\r\n", "\n").trim().split(/\n\n+/);
    if (head !== "WEBVTT") return [];
    const lines = blocks.map((block) => {
        const [timing, ...said] = block.split("\n");
        const found = TIMING.exec(timing);
        return found && { start: asMoment(found[1]), end: asMoment(found[2]), said: plain(said.join("\n")) };
    });
    return lines.every((line) => line && Number.isFinite(line.start) && Number.isFinite(line.end)) ? lines : [];
}

export function asText(lines) {
    const blocks = lines.map(({ start, end, said }) => `${exact(start)} --> ${exact(end)}\n${escaped(said)}`);
    return `${["WEBVTT", ...blocks].join("\n\n")}\n`;
}

// 1:02.5, 62.5 or 00:01:02.500 in milliseconds; not a number if it is none, which the server then says.
export function asMoment(typed) {
    const parts = typed.trim().replace(",", ".").split(":");
    return Math.round(parts.reduce((sum, part) => sum * 60 + (part === "" ? Number.NaN : Number(part)), 0) * 1000);
}

export function moment(milliseconds) {
    const tenths = Math.round(milliseconds / 100); // first, so that there is no sixtieth second
    return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

function exact(milliseconds) {
    if (!Number.isFinite(milliseconds)) return "?";
    const hours = Math.floor(milliseconds / 3_600_000);
    const minutes = Math.floor(milliseconds / 60_000) % 60;
    const seconds = (milliseconds % 60_000) / 1000;
    const two = (number) => String(number).padStart(2, "0");
    return `${two(hours)}:${two(minutes)}:${seconds.toFixed(3).padStart(6, "0")}`;
}

// An empty line would end the caption.
function escaped(said) {
    const tight = said.trim().replace(/\n\s*\n/g, "\n");
    return tight.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function plain(said) {
    return said.replace(/&(lt|gt|amp);/g, (escape) => ESCAPES[escape]);
}
