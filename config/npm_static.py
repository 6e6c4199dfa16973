"""The packages from npm that pages load: where their builds lie, and which files of theirs nobody asks for."""

from pathlib import Path

NPM_BUILD_DIRS = {"hls.js": "dist", "media-chrome": "dist/iife", "mediabunny": "dist/bundles"}
# The pages load one minified build of each; the others would cost every start seconds of compressing.
IGNORE_PATTERNS = [
    *("*.cjs", "*.d.mts", "*.d.ts", "*.mjs.map"),
    *("hls-demo*", "hls.js", "hls.js.map", "hls.light.js*", "hls*.mjs"),
    *("mediabunny.mjs", "index.js", "index.js.map"),
]


def npm_static_dirs(packages: Path) -> list[tuple[str, Path]]:
    """Return each build under the name that pages ask for it by."""
    return [(f"vendor/{name}", packages / name / build) for name, build in NPM_BUILD_DIRS.items()]
