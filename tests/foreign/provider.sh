#!/usr/bin/env bash
# Providers that are not ours: installs one in a folder of its own, or serves it on a free port of this machine.
#
# usage: tests/foreign/provider.sh install NAME
#        tests/foreign/provider.sh serve NAME SITE ID LIFETIME
#
# NAME is a folder beside this file. What it needs of PyPI or npm is pinned there by hash; Debian's packages are those of
# the machine's release, unpacked without being installed. `serve` prints the issuer and a client, as one line of JSON,
# and ends with its standard input. The client is the site with this origin, where the provider has this id. Access tokens
# live for LIFETIME seconds. Exits with 69 where the provider is not installed.
set -euo pipefail
command=$1 name=$2
home=$(cd "$(dirname "$0")" && pwd)
folder=$home/$name
place=$home/../../target/foreign/$name

# What pins the versions of the provider.
for pins in "$folder"/{requirements.txt,package-lock.json,packages.txt}; do
    [ ! -e "$pins" ] || break
done

pip_install() {
    python3 -m venv --clear "$place"
    "$place/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement "$pins"
}

npm_install() {
    npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error
}

# Lists the libraries that some of Debian's packages depend on.
libraries() {
    apt-cache depends "$@" --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances |
        grep -oE '(^|Depends: )lib[a-z0-9.+-]+$' | sed 's/.* //' | grep -v '^libjs-' | sort -u
}

debian_install() {
    local packages library
    packages=$(cat "$pins")
    for library in $(libraries --recurse $(libraries $packages)); do
        [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$library" 2>/dev/null)" = installed ] ||
            packages+=" $library"
    done
    (cd "$place" && apt-get -qq -o APT::Sandbox::User=root download $packages)
    for package in "$place"/*.deb; do dpkg --extract "$package" "$place"; done
}

missing() {
    echo "$name is not installed" >&2
    exit 69
}

if [ "$command" = install ]; then
    # What is half made, or of other versions, is made again.
    cmp -s "$pins" "$place/installed" && exit
    rm -rf "$place" && mkdir -p "$place"
    case $pins in
    */requirements.txt) pip_install ;;
    */package-lock.json) npm_install ;;
    */packages.txt) debian_install ;;
    esac
    cp "$pins" "$place/installed"
    exit
fi

shift 2
cmp -s "$pins" "$place/installed" || missing
case $pins in
*/requirements.txt) exec "$place/bin/python" "$folder/server.py" "$@" ;;
*/package-lock.json) exec node "$folder/server.mjs" "$@" ;;
*/packages.txt)
    libraries=$(dirname "$(find "$place" -name 'libulfius.so*' -print -quit)")
    LD_LIBRARY_PATH=$libraries exec python3 "$folder/server.py" "$place" "$@"
    ;;
esac
