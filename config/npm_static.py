"""Static files from npm packages: the folders to serve and the files to skip."""

from pathlib import Path

NPM_BUILD_DIRS = {"hls.js": "dist", "media-chrome": "dist/iife", "mediabunny": "dist/bundles"}
# Pages load one minified build of each package; compressing the others would slow down every start.
IGNORE_PATTERNS = [
    *("*.cjs", "*.d.mts", "*.d.ts", "*.mjs.map"),
    *("hls-demo*", "hls.js", "hls.js.map", "hls.light.js*", "hls*.mjs"),
    *("mediabunny.mjs", "index.js", "index.js.map"),
]


def npm_static_dirs(node_modules: Path) -> list[tuple[str, Path]]:
    """Entries for STATICFILES_DIRS, with URL prefixes `vendor/<package>`."""
    return [
        (f"vendor/{package}", node_modules / package / build_dir)
        for package, build_dir in NPM_BUILD_DIRS.items()
    ]
