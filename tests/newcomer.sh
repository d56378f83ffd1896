#!/usr/bin/env bash
# Follows README.md from an empty folder to a signed-in page: writes its files, runs its commands, signs in, and prints the time.
#
#   tests/newcomer.sh             with the crates of this repository, literally
#   tests/newcomer.sh packages    with the packages that `.ci/package` has made, as after a release
#
# Three things differ from what README says. The ports are free ones. Other crates have the versions of this repository's lock
# file, so that a release of one of them does not change the result. The servers have no variables of this environment but those that
# compilers read. What is compiled is kept in target/newcomer.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
mode=${1:-literally}
case "$mode" in literally | packages) ;; *) sed -n '2,5s/^# \?//p' "$0" >&2; exit 2 ;; esac

# The folder is the same in each run, because a crate at another path is compiled again. It is outside of the repository, so that Cargo
# finds no workspace above it. One run at a time uses it.
mkdir -p target
exec 9>target/newcomer.lock
flock 9
folder=${TMPDIR:-/tmp}/aura-newcomer-$(id -u)-$(cksum <<<"$root" | cut -d ' ' -f 1)
rm -rf "$folder"
# Fails where another user has made it.
mkdir -m 700 "$folder"
server=
finish() {
    if [ -n "$server" ]; then kill -- "-$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap finish EXIT
fail() { echo "newcomer: $1" >&2; [ ! -f "$folder/log" ] || tail -n 40 "$folder/log" >&2; exit 1; }

# The part of README that is followed, with free ports.
read -r port provider_port < <(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in sockets))')
sed -n '/^## From an empty folder/,/^##/p' README.md |
    sed -e "s/\b3000\b/$port/g" -e "s/\b3001\b/$provider_port/g" >"$folder/part.md"

# The blocks of a language. A block of Rust belongs to the file that the last line of text before it names.
blocks() { awk -v fence="\`\`\`$1" '$0 == "```" { on = 0 } on { print } $0 == fence { on = 1 }' "$folder/part.md"; }
file() {
    awk -v name="\`$1\`" '
        $0 == "```" { on = 0 }
        on { print }
        $0 == "```rust" && index(text, name) { on = 1 }
        !/^```/ && NF && !on { text = $0 }' "$folder/part.md"
}
commands=$(blocks sh)
add=$(grep -v '^export \|^cargo run' <<<"$commands")
run=$(grep '^export \|^cargo run' <<<"$commands")
[ "$(grep -c '^cargo add' <<<"$add")" -ge 4 ] && [ "$(grep -c '^cargo run' <<<"$run")" = 2 ] || fail 'README has other commands'

export CARGO_TARGET_DIR=$root/target/newcomer CARGO_TERM_PROGRESS_WHEN=never
started=$SECONDS
ln -s "$root" "$folder/aura"
cd "$folder"
if [ "$mode" = packages ]; then
    # `cargo add` asks the registry, which does not have these crates: the lines are those that it would write.
    grep -v -- '--path' <<<"$add" >"$folder/add.sh"
    bash -euo pipefail "$folder/add.sh" >log 2>&1 || fail 'the commands of README failed'
    cd hello
    version=$(sed -n 's/^version = "\(.*\)\..*"/\1/p' "$root/Cargo.toml" | head -n 1)
    sed -i "s/^\[dependencies\]/&\naura-axum = \"$version\"/" Cargo.toml
    printf '[dev-dependencies]\naura-test-idp = { version = "%s", features = ["server"] }\n' "$version" >>Cargo.toml
    mkdir .cargo
    "$root/.ci/package" patches | sed 's/=/ = /' >.cargo/config.toml
else
    bash -euo pipefail -c "$add" >log 2>&1 || fail 'the commands of README failed'
    cd hello
fi
cp "$root/Cargo.lock" .
mkdir examples
for name in src/main.rs examples/provider.rs; do
    file "$name" >"$name"
    [ -s "$name" ] || fail "README has no $name"
done

# Downloads alone use the proxies of this environment, and variables such as GITHUB_CLIENT_ID would configure another application.
cargo fetch >>"$folder/log" 2>&1 || fail 'the dependencies cannot be fetched'
clean() {
    local name
    for name in $(compgen -e); do
        case "$name" in
            PATH | HOME | USER | TMPDIR | LANG | LC_* | CARGO | CARGO_* | RUSTUP_* | RUSTC* | RUSTFLAGS) ;;
            CC* | CXX* | CFLAGS* | CXXFLAGS* | AR* | LD* | PKG_CONFIG* | NIX_* | SDKROOT) ;;
            *) unset -v "$name" 2>/dev/null || true ;;
        esac
    done
}
(clean; cargo build && cargo build --example provider) >>"$folder/log" 2>&1 || fail 'the files of README do not compile'
built=$SECONDS

# Both servers are of one process group, which ends with this script. Its leader ends when one of them does.
start() {
    (clean; exec setsid bash -euo pipefail -c "$run & wait -n") >>"$folder/log" 2>&1 9>&- &
    server=$!
}
# A connection of another program may have taken a port meanwhile: the servers are started once more.
starts=1
start
request() { curl -q --noproxy '*' --silent "$@"; }
for address in "127.0.0.1:$provider_port/.well-known/openid-configuration" "localhost:$port/"; do
    until request --fail --output /dev/null "http://$address" && kill -0 "$server" 2>/dev/null; do
        if ! kill -0 "$server" 2>/dev/null; then
            [ $((starts++)) = 1 ] || fail 'a server ended'
            kill -- "-$server" 2>/dev/null || true
            sleep 5
            start
        fi
        [ $((SECONDS - built)) -lt 60 ] || fail "no answer from $address"
        sleep 0.2
    done
done

# A browser: it keeps cookies, follows redirects, and sends the forms that it is shown.
browse() { request --show-error --location --cookie-jar "$folder/$1" --cookie "$folder/$1" "${@:2}"; }
unescaped() { sed -e 's/&quot;/"/g' -e "s/&#39;/'/g" -e 's/&lt;/</g' -e 's/&gt;/>/g' -e 's/&amp;/\&/g'; }
hidden() {
    local name value
    while IFS=$'\t' read -r name value; do
        form+=(--data-urlencode "$name=$(unescaped <<<"$value")")
    done < <(grep -o '<input type="hidden" name="[^"]*" value="[^"]*"' <<<"$1" | sed 's/.* name="\([^"]*\)" value="\([^"]*\)"$/\1\t\2/')
}
link() { grep -o "href=\"[^\"]*$2[^\"]*\"" <<<"$1" | head -n 1 | sed 's/^href="\(.*\)"$/\1/' | unescaped; }
sign_in() {
    local page
    page=$(browse "$1" "http://localhost:$port/")
    page=$(browse "$1" "http://localhost:$port$(link "$page" signIn)")
    page=$(browse "$1" "http://localhost:$port$(link "$page" signIn/oidc)")
    form=(--data-urlencode "account=$1")
    hidden "$page"
    browse "$1" "${form[@]}" "http://127.0.0.1:$provider_port/authorize/decision"
}
shows() { grep -qF -- "$2" <<<"$1" || fail "expected $2, and got: $1"; }

shows "$(sign_in ada)" 'Hello, Ada Lovelace.'
signed_in=$((SECONDS - started))
form=(--data-urlencode 'text=a <b> note')
hidden "$(browse ada "http://localhost:$port/notes" | grep 'action="/notes"')"
shows "$(browse ada "${form[@]}" "http://localhost:$port/notes")" '<li>Ada Lovelace: a &lt;b> note'
shows "$(browse ada "http://localhost:$port/admin")" '1 notes'
shows "$(sign_in grace)" 'Hello, Grace Hopper.'
status=$(browse grace --output /dev/null --write-out '%{http_code}' "http://localhost:$port/admin")
[ "$status" = 403 ] || fail "a member at /admin got $status"
status=$(browse grace --output /dev/null --write-out '%{http_code}' --data text=x "http://localhost:$port/notes")
[ "$status" = 403 ] || fail "a form without a token got $status"
echo "from an empty folder to a signed-in page in $signed_in seconds, $mode"
