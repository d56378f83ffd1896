#!/usr/bin/env bash
# Providers that are not ours: installs one in a folder of its own, or serves it on a free port of this machine.
#
# usage: tests/foreign/provider.sh install NAME
#        tests/foreign/provider.sh serve NAME REDIRECT_URI POST_LOGOUT_REDIRECT_URI LIFETIME
#
# NAME is a folder beside this file. Versions are pinned there, by hash. `serve` prints the issuer and a client with
# these URIs, as one line of JSON, and ends with its standard input. Access tokens live for LIFETIME seconds. Exits with
# 69 where the provider is not installed.
set -euo pipefail
command=$1 name=$2
home=$(cd "$(dirname "$0")" && pwd)
folder=$home/$name
venv=$home/../../target/foreign/$name

python_install() {
    # A virtual environment that is half made, or of other versions, is made again.
    if ! cmp -s "$folder/requirements.txt" "$venv/installed.txt"; then
        python3 -m venv --clear "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
            --requirement "$folder/requirements.txt"
        cp "$folder/requirements.txt" "$venv/installed.txt"
    fi
}

node_install() {
    npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error
}

missing() {
    echo "$name is not installed" >&2
    exit 69
}

case $command in
install)
    if [ -e "$folder/requirements.txt" ]; then python_install; else node_install; fi
    ;;
serve)
    shift 2
    if [ -e "$folder/requirements.txt" ]; then
        cmp -s "$folder/requirements.txt" "$venv/installed.txt" || missing
        exec "$venv/bin/python" "$folder/server.py" "$@"
    fi
    [ -d "$folder/node_modules" ] && command -v node >/dev/null || missing
    exec node "$folder/server.mjs" "$@"
    ;;
esac
