// @ts-check
// Text for people goes through gettext, in the form from which messages are extracted.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../web/static/web/", import.meta.url));
const STRING = /"(?:[^"\\\n]|\\.)*"/g;
const TRANSLATED = /\bn?gettext\(\s*("(?:[^"\\\n]|\\.)*")(?:,\s*("(?:[^"\\\n]|\\.)*"))?/g;
// Two words of which the first has a capital letter, an opening quotation mark or a placeholder.
const SENTENCE = /^"(?:[A-Z“]|%\()[^"]* [^"]*"$/;
const TEMPLATE = /`[^`\n]*`/g;
const TWO_WORDS = /[a-z]{2,} [a-z]{2,}/i;

/** @returns {{ name: string, source: string }[]} sources without comments and developers' error messages */
function readSources() {
    const names = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".js"),
    );
    assert.notEqual(names.length, 0);
    return names.map((name) => {
        const source = readFileSync(`${ROOT}${name}`, "utf8")
            .replace(/\/\*[\s\S]*?\*\//g, "")
            .replace(/^\s*\/\/.*$/gm, "")
            .replace(/(?:new Error|super)\([^;]*\);/g, (call) => (call.includes("gettext") ? call : ""));
        return { name, source };
    });
}

test("every sentence is translated", () => {
    for (const { name, source } of readSources()) {
        const translated = new Set(
            [...source.matchAll(TRANSLATED)].flatMap(([, one, other]) => [one, other]),
        );
        const strings = source.match(STRING) ?? [];
        assert.deepEqual(
            strings.filter((string) => SENTENCE.test(string) && !translated.has(string)),
            [],
            name,
        );
    }
});

test("no sentence is a template literal, which would be glued from pieces", () => {
    for (const { name, source } of readSources()) {
        const templates = source.match(TEMPLATE) ?? [];
        const isSentence = (/** @type {string} */ text) => TWO_WORDS.test(text.replace(/\$\{[^}]*\}/g, "x"));
        assert.deepEqual(templates.filter(isSentence), [], name);
    }
});

test("messages are literals, and not inside template literals, so that they can be extracted", () => {
    for (const { name, source } of readSources()) {
        if (name === "shared/i18n.js") continue;
        assert.equal(source.match(/\bn?gettext\(\s*[^"\s]/g), null, name);
        assert.equal(source.match(/\$\{[^}]*gettext/g), null, name);
    }
});
