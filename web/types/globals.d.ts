// Globals that classic scripts define before our modules run.

type HlsConstructor = typeof import("hls.js").default;

// Django's JavaScriptCatalog (/jsi18n/). Absent on pages without the catalogue and in unit tests.
declare namespace globalThis {
    var gettext: ((message: string) => string) | undefined;
    var ngettext: ((singular: string, plural: string, count: number) => string) | undefined;
}

interface Window {
    Hls?: HlsConstructor;
}
