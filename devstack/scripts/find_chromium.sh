#!/bin/sh
# Prints where the Chromium for the browser tests is, and installs one first where that is ours to do.
# `devstack/scripts/find_chromium.sh --find` only looks. SAMEBOAT_CHROMIUM names another one.
set -eu

find_one() {
    for name in ${SAMEBOAT_CHROMIUM:-chromium chromium-browser google-chrome}; do
        command -v "$name" 2>/dev/null && return
    done
    return 1
}

find_one && exit
if [ "${1:-}" = --find ]; then
    exit 1
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    { apt-get update && apt-get install -y --no-install-recommends chromium; } >&2 && find_one && exit
fi
echo 'The browser tests need Chromium. On Debian or Ubuntu: sudo apt install chromium' >&2
exit 1
