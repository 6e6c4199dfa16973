// Ask our own API, and turn its problems into sentences for the person in front of the page.

const UNREACHABLE = "We cannot reach Sameboat just now. Please check the connection.";

// A request that was answered with a problem; `current` is the fresh state where something had moved.
export class Refused extends Error {
    constructor(status, problem) {
        super(words(problem) || "Something went wrong on our side. Please try again in a moment.");
        this.name = "Refused";
        this.status = status;
        this.code = problem.code ?? "";
        this.current = problem.current ?? null;
    }
}

// No answer at all: offline, asleep, or a server that is gone.
export class Unreachable extends Error {
    constructor() {
        super(UNREACHABLE);
        this.name = "Unreachable";
    }
}

// `once` is a key of the caller's choice: the same request under the same key is done only once.
export async function ask(method, address, { body, once } = {}) {
    const headers = { Accept: "application/json", "X-CSRFToken": token() };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (once !== undefined) headers["Idempotency-Key"] = once;
    let answer;
    try {
        answer = await fetch(address, { method, headers, body: JSON.stringify(body), credentials: "same-origin" });
    } catch {
        throw new Unreachable();
    }
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, told);
    return told;
}

export function newKey() {
    return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
}

function token() {
    return document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

function words(problem) {
    const fields = (problem.errors ?? []).map((error) => `${error.problem} ${error.fix}`);
    return fields.join(" ") || problem.detail || "";
}
