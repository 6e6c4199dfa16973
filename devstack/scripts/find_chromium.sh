#!/bin/sh
# Prints the path of Chromium for the browser tests; installs it first if run as root on Debian or Ubuntu.
# `devstack/scripts/find_chromium.sh --find` never installs. SAMEBOAT_CHROMIUM overrides the path.
set -eu

find_chromium() {
    for name in ${SAMEBOAT_CHROMIUM:-chromium chromium-browser google-chrome}; do
        command -v "$name" 2>/dev/null && return
    done
    return 1
}

find_chromium && exit
if [ "${1:-}" = --find ]; then
    exit 1
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    { apt-get update && apt-get install -y --no-install-recommends chromium; } >&2 && find_chromium && exit
fi
echo 'The browser tests need Chromium. On Debian or Ubuntu: sudo apt install chromium' >&2
exit 1
