#!/bin/sh
# Makes .venv with the given Python, if there is none yet. Debian packs the module for that apart from Python.
set -eu
python=${1:-python3}

if ! command -v "$python" >/dev/null; then
    echo "No $python was found. Install Python 3.11, 3.12 or 3.13, or name another: make run PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
    echo "Python 3.11, 3.12 or 3.13 is needed (TensorFlow has no other). Received: $("$python" --version)." >&2
    echo "Name another one: make run PYTHON=/path/to/python3.12" >&2
    exit 1
fi
[ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1 && exit 0

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -qq -y python3-venv
    else
        echo "Python's venv module is missing. Install it first: sudo apt-get install python3-venv" >&2
        exit 1
    fi
fi
echo "Making .venv; the first time, some 600 MB of libraries are fetched as well."
"$python" -m venv .venv
