#!/bin/sh
# Installs a lock file of config/requirements into .venv: `devstack/scripts/install_venv.sh embedded` or `... dev`.
# Does nothing if it is installed already. Package indexes and certificates come from your own pip or uv settings.
set -eu
cd "$(dirname "$0")/../.."
lock_name=$1
stamp=.venv/installed
export UV_PYTHON_DOWNLOADS=never

log() { printf '%s\n' "$*" >&2; }

sum() { cksum <"config/requirements/$1.txt" | tr ' ' '-'; }

# dev.txt includes everything in embedded.txt.
installed() {
    [ -f "$stamp" ] || return 1
    read -r current checksum <"$stamp"
    [ "$checksum" = "$(sum "$current")" ] && { [ "$current" = "$lock_name" ] || [ "$current$lock_name" = devembedded ]; }
}

is_supported_python() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3 python; do
        if is_supported_python "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    log "Sameboat needs Python 3.11 or 3.12. Install one, or pass its path: make run PYTHON=/path/to/python3.11"
    return 1
}

# On Debian and Ubuntu, ensurepip is in a separate package.
make_installer() {
    "$1" -m venv .venv/installer >/dev/null 2>&1 && return
    rm -rf .venv/installer
    package="python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        log "This Python has no ensurepip; installing $package."
        apt-get install -y --no-install-recommends "$package" >&2 || {
            apt-get update >&2 && apt-get install -y --no-install-recommends "$package" >&2
        }
        "$1" -m venv .venv/installer && return
    fi
    rm -rf .venv/installer
    log "This Python cannot create virtual environments. On Debian or Ubuntu: sudo apt install $package"
    return 1
}

with_uv() {
    .venv/installer/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes "$1"
}

with_pip() {
    .venv/installer/bin/python -m pip --python .venv/bin/python install --quiet --require-hashes --no-deps -r "$1"
}

install() {
    if ! is_supported_python .venv/bin/python; then
        python=$(find_python)
        log "Creating .venv with $python"
        rm -rf .venv
        "$python" -m venv --without-pip .venv
    fi
    rm -f "$stamp"
    installer=.venv/installer/bin/uv
    if ! [ -x "$installer" ] || ! cmp -s config/requirements/installer.txt .venv/installer/lock; then
        make_installer .venv/bin/python
        .venv/installer/bin/python -m pip install --quiet --disable-pip-version-check \
            --require-hashes -r config/requirements/installer.txt
        cp config/requirements/installer.txt .venv/installer/lock
    fi
    lock=config/requirements/$lock_name.txt
    log "Installing the packages of $lock"
    # uv ignores pip's settings, so fall back to pip for users who configured only pip.
    with_uv "$lock" || { log "uv failed; trying pip."; with_pip "$lock"; }
    printf '%s %s\n' "$lock_name" "$(sum "$lock_name")" >"$stamp"
}

if ! installed; then
    install
fi
