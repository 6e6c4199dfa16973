// What our API says about one upload: begin it, ask what has arrived, get addresses, finish or cancel it.

import { Refused, ask, newKey } from "./asking.js";

const TOO_MANY_REQUESTS = 429;
// Browsers reckon checksums only for pages that came over a safe line.
const CAN_CHECK = Boolean(globalThis.crypto?.subtle);

export class Uploads {
    constructor(address) {
        this.address = address;
    }

    begin(file) {
        const body = { file_name: file.name, size: file.size, content_type: typeOf(file), checks_parts: CAN_CHECK };
        return ask("POST", this.address, { body, once: newKey() }).then(withArrived);
    }

    // What was begun on any device, in this browser or another, not completed, and can be gone on with here.
    async underWay() {
        const { items } = await ask("GET", this.address);
        return items.filter((upload) => CAN_CHECK || !upload.checks_parts);
    }

    look(id) {
        return ask("GET", `${this.address}/${id}`).then(withArrived);
    }

    // `sums` are the parts' checksums, for an upload that checks them.
    async addresses(id, numbers, sums) {
        const body = sums ? { numbers, sha256: sums } : { numbers };
        try {
            return (await ask("POST", `${this.address}/${id}/parts`, { body })).items;
        } catch (trouble) {
            // Refused for good: the upload is over, or is not ours. Anything else is worth another try.
            trouble.hopeless =
                trouble instanceof Refused && trouble.status < 500 && trouble.status !== TOO_MANY_REQUESTS;
            throw trouble;
        }
    }

    complete(id) {
        return ask("POST", `${this.address}/${id}/complete`, { body: {} });
    }

    cancel(id) {
        return ask("DELETE", `${this.address}/${id}`);
    }
}

function withArrived(upload) {
    return { ...upload, arrived: upload.parts.map((part) => part.number) };
}

// Some systems do not know the type of a file that they have just recorded.
const TYPES = {
    "3g2": "video/3gpp2",
    "3gp": "video/3gpp",
    m4a: "audio/x-m4a",
    m4v: "video/x-m4v",
    mkv: "video/x-matroska",
    mov: "video/quicktime",
    mp4: "video/mp4",
    webm: "video/webm",
};

function typeOf(file) {
    return file.type || TYPES[file.name.split(".").pop().toLowerCase()] || "application/octet-stream";
}
