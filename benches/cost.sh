#!/usr/bin/env bash
# Counts the instructions and allocations of one read of a session and of one whole sign-in, by valgrind. The count is the
# difference between many and few repetitions, so the setup cancels out.
set -euo pipefail
cd "$(dirname "$0")/.."

few=10 many=110
cost=${CARGO_TARGET_DIR:-target}/release/cost
cargo build --release -p aura-benches --bin cost --locked --quiet

# Prints instructions, allocations and bytes of repeated work. An enlarged allocation counts as one more.
counted() {
    valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null "$cost" "$1" "$2" 2>&1 |
        sed -n 's/.*I *refs: *//p' | tr -d ','
    valgrind --undef-value-errors=no --leak-check=no "$cost" "$1" "$2" 2>&1 |
        sed -n 's/.*total heap usage: \([0-9,]*\) allocs, .* frees, \([0-9,]*\) bytes.*/\1 \2/p' | tr -d ','
}

printf '%-12s %14s %12s %10s\n' 'one' instructions allocations bytes
for work in session request get-session sign-in; do
    # shellcheck disable=SC2046 # three numbers
    set -- $(counted "$work" "$few") $(counted "$work" "$many")
    of_one() { awk -v few="$1" -v many="$2" -v times=$((many - few)) 'BEGIN { printf "%.1f", (many - few) / times }'; }
    printf '%-12s %14s %12s %10s\n' "$work" "$(of_one "$1" "$4")" "$(of_one "$2" "$5")" "$(of_one "$3" "$6")"
done
