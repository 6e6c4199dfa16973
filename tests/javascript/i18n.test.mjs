// @ts-check
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { gettext, interpolate, ngettext } from "../../web/static/web/shared/i18n.js";

afterEach(() => {
    globalThis.gettext = undefined;
    globalThis.ngettext = undefined;
});

test("without a catalogue the English source text is returned", () => {
    assert.equal(gettext("Pause"), "Pause");
    assert.equal(ngettext("%(count)s minute", "%(count)s minutes", 1), "%(count)s minute");
    assert.equal(ngettext("%(count)s minute", "%(count)s minutes", 0), "%(count)s minutes");
});

test("the catalogue translates, also one that loads after the modules", () => {
    globalThis.gettext = (message) => `¡${message}!`;
    globalThis.ngettext = (singular, plural, count) => (count > 4 ? `many ${plural}` : singular);
    assert.equal(gettext("Pause"), "¡Pause!");
    assert.equal(ngettext("a", "b", 5), "many b");
});

test("values are inserted by name, in any order and more than once", () => {
    assert.equal(interpolate("%(b)s of %(a)s, %(b)s", { a: 1, b: "two" }), "two of 1, two");
});

test("a placeholder without a value stays visible", () => {
    assert.equal(interpolate("%(sent)s of %(total)s", { sent: 0 }), "0 of %(total)s");
});

test("percent signs and values with placeholders are left alone", () => {
    assert.equal(interpolate("100% of %(name)s", { name: "%(other)s $&" }), "100% of %(other)s $&");
});
