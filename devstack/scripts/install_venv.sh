#!/bin/sh
# Makes .venv hold exactly what a file of config/requirements locks: `devstack/scripts/install_venv.sh embedded` or `... dev`.
# Does nothing when that was done before. Package indexes and certificates come from your own pip or uv settings.
set -eu
cd "$(dirname "$0")/../.."
wanted=$1
stamp=.venv/installed
export UV_PYTHON_DOWNLOADS=never

say() { printf '%s\n' "$*" >&2; }

sum() { cksum <"config/requirements/$1.txt" | tr ' ' '-'; }

# Development brings everything that running needs.
installed() {
    [ -f "$stamp" ] || return 1
    read -r have of <"$stamp"
    [ "$of" = "$(sum "$have")" ] && { [ "$have" = "$wanted" ] || [ "$have$wanted" = devembedded ]; }
}

suits() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3 python; do
        if suits "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    say "Sameboat needs Python 3.11 or 3.12. Install one, or name it: make run PYTHON=/path/to/python3.11"
    return 1
}

# Debian and Ubuntu keep half of venv in a package of its own.
make_installer() {
    "$1" -m venv .venv/installer >/dev/null 2>&1 && return
    rm -rf .venv/installer
    package="python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "This Python comes without ensurepip; installing $package."
        apt-get install -y --no-install-recommends "$package" >&2 || {
            apt-get update >&2 && apt-get install -y --no-install-recommends "$package" >&2
        }
        "$1" -m venv .venv/installer && return
    fi
    rm -rf .venv/installer
    say "This Python cannot make virtual environments. On Debian or Ubuntu: sudo apt install $package"
    return 1
}

with_uv() {
    .venv/installer/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes "$1"
}

with_pip() {
    .venv/installer/bin/python -m pip --python .venv/bin/python install --quiet --require-hashes --no-deps -r "$1"
}

install() {
    if ! suits .venv/bin/python; then
        python=$(find_python)
        say "Making .venv with $python"
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
    lock=config/requirements/$wanted.txt
    say "Installing the packages of $lock"
    # uv does not read pip's settings; whoever has set up only pip gets what they set up.
    with_uv "$lock" || { say "uv could not do it; trying with pip."; with_pip "$lock"; }
    printf '%s %s\n' "$wanted" "$(sum "$wanted")" >"$stamp"
}

if ! installed; then
    install
fi
