#!/usr/bin/env bash
# Compares whole servers that answer with the session of a request: CPU time per request, requests per second, and memory (resident, and what of it
# is no file's: programs' pages are), medians of interleaved rounds. A server has one core and wrk the other one.
#
#   benches/compare/run.sh [ROUNDS [SECONDS [SERVER ...]]]
set -euo pipefail
cd "$(dirname "$0")"

rounds=${1:-5} seconds=${2:-3} connections=16 port=${PORT:-8719}
shift $(($# < 2 ? $# : 2))
servers=("$@")
[ ${#servers[@]} -gt 0 ] || servers=(hello by-hand tower-sessions axum-login private-cookie-jar aura-axum aura-axum-page aura-axum-ticket aura-hyper aura-warp aura-blocking)

for command in cargo wrk curl taskset awk; do
    command -v "$command" >/dev/null || { echo "$command is missing: install it first (Debian's package wrk has wrk)" >&2; exit 1; }
done
[ "$(nproc)" -ge 2 ] || { echo 'two processors are needed' >&2; exit 1; }
target=${CARGO_TARGET_DIR:-../../target/compare}
cargo build --release --locked --quiet --target-dir "$target"
results=$(mktemp -d)
ours=$("$target/release/aura-compare" cookie)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -r "$results"' EXIT
url=http://127.0.0.1:$port

# The processor time that a process has used, in ticks.
used() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

begin() {
    taskset -c 0 "$target/release/aura-compare" "$1" "$port" &
    server=$!
    for _ in $(seq 100); do
        curl -s -o /dev/null "$url/" && break
        sleep 0.05
    done
    # The sessions of others begin at /login.
    cookie=$(curl -s -D - -o /dev/null "$url/login" | tr -d '\r' | sed -n 's/^set-cookie: \([^;]*\).*/\1/Ip')
    cookie=${cookie:-$ours}
    answer=$(curl -s -w ' %{http_code}' -H "Cookie: $cookie" "$url/auth/session")
    case $answer in *'Ada Lovelace'*' 200') ;; *) echo "$1 does not answer with the session: $answer" >&2; exit 1 ;; esac
}

load() { taskset -c 1 wrk -t1 -c"$connections" -d"$1s" -H "Cookie: $cookie" "$url/auth/session"; }

finish() { kill "$server"; wait "$server" 2>/dev/null || true; server=; }

for _ in $(seq "$rounds"); do
    for name in "${servers[@]}"; do
        begin "$name"
        load 1 >/dev/null
        before=$(used "$server")
        load "$seconds" >"$results/wrk"
        after=$(used "$server")
        if grep -q 'Non-2xx' "$results/wrk"; then echo "$name: $(grep 'Non-2xx' "$results/wrk")" >&2; exit 1; fi
        requests=$(sed -n 's/ *\([0-9]*\) requests in.*/\1/p' "$results/wrk")
        rate=$(sed -n 's/^Requests\/sec: *//p' "$results/wrk")
        memory=$(sed -n 's/^\(VmRSS\|RssAnon\):[^0-9]*\([0-9]*\).*/\2/p' "/proc/$server/status" | tr '\n' ' ')
        echo "$before $after $requests $rate $memory" |
            awk -v tick="$(getconf CLK_TCK)" '{ print ($2 - $1) / tick * 1e6 / $3, $4, $5, $6 }' >>"$results/$name"
        finish
    done
done

# The median of a column of a server's rounds.
median() {
    cut -d' ' -f"$2" "$results/$1" | sort -n |
        awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
first=$(median "${servers[0]}" 1)
printf '%-20s %10s %12s %12s %10s %12s\n' server 'CPU us' "over ${servers[0]}" 'requests/s' 'RSS KiB' 'private KiB'
for name in "${servers[@]}"; do
    echo "$(median "$name" 1) $first $(median "$name" 2) $(median "$name" 3) $(median "$name" 4)" |
        awk -v name="$name" '{ printf "%-20s %10.2f %12.2f %12.0f %10.0f %12.0f\n", name, $1, $1 / $2, $3, $4, $5 }'
done
