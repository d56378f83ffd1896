#!/usr/bin/env bash
# Tests of races: what the threads of a host share, under schedules that shuttle chooses. adapters/host/src/races has the properties.
#
#   tests/races.sh             all of them, with the number of schedules of each
#   tests/races.sh flights     those of a part of a path
set -euo pipefail
cd "$(dirname "$0")/.."

# Other flags compile every package anew, so that these have a folder of their own.
export RUSTFLAGS='--cfg aura_shuttle -D warnings'
# Stories that have to fail print why.
export RUST_BACKTRACE=0
cargo clippy -p aura-host --lib --profile test --features conformance --locked --target-dir target/shuttle -- -D warnings
out=$(mktemp)
trap 'rm -f "$out"' EXIT
if ! cargo test -p aura-host --lib --features conformance --locked --target-dir target/shuttle -- --nocapture "races::${1-}" >"$out"; then
    cat "$out"
    exit 1
fi
grep -E ' schedules$|: found$|^test ' "$out"
# A part of a path that no test has is a mistake.
grep -q '^test result: ok\. [1-9]' "$out"
