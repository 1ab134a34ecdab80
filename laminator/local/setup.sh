#!/bin/sh
# Make .venv with exactly what requirements.txt locks; quick when that is done already.
# The copy of requirements.txt in .venv is written last: a .venv without it is half made.
set -eu
cd "$(dirname "$0")/../.."
done_mark=.venv/installed-requirements.txt

if [ -f "$done_mark" ] && .venv/bin/python -c '' 2>/dev/null; then
    cmp -s requirements.txt "$done_mark" && exit 0
else
    rm -rf .venv
fi

if [ ! -d .venv ]; then
    suitable='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
    chosen=
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$suitable" 2>/dev/null; then
            chosen=$candidate
            break
        fi
    done
    if [ -z "$chosen" ]; then
        echo "laminator: needs Python 3.11, 3.12 or 3.13 with the venv module; found none." >&2
        echo "  Install one (Debian and Ubuntu: apt install python3 python3-venv)," >&2
        echo "  or name it: make setup PYTHON=/path/to/python3" >&2
        exit 1
    fi
    echo "Making .venv with $("$chosen" --version) …"
    "$chosen" -m venv .venv
fi

rm -f "$done_mark"
echo "Installing the locked requirements …"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --no-deps --require-hashes --only-binary :all: -r requirements.txt
# Our own modules too, or the first start would compile them while somebody waits.
.venv/bin/python -m compileall -q -x '/[.]venv/|/var/|/tests/' . || true
cp requirements.txt "$done_mark.new"
mv "$done_mark.new" "$done_mark"
echo "Done."
