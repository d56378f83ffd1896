#!/usr/bin/env bash
# Records one GitHub sign-in, and compares the number of files that run and the jumps of a reader with their ceilings.
set -euo pipefail
cd "$(dirname "$0")/../../.."

target=${CARGO_TARGET_DIR:-target}
walk=$(realpath -m "$target/walk")
# The whole workspace is selected, so that features of dependencies are equal and earlier builds are reused.
cargo build --workspace --bin cost --locked --quiet
rm -rf "$walk"
mkdir -p "$walk"
# One dump before each call of a host, so that each leg has its own dump.
valgrind --quiet --tool=callgrind --demangle=no --compress-strings=no --compress-pos=no \
    --callgrind-out-file="$walk/out" \
    --dump-before='_ZN10aura_proto4auth4Auth6handle*' \
    --dump-before='_ZN10aura_proto6action7Pending6resume*' \
    --dump-before='_ZN10aura_proto6action16PendingAdmission6resume*' \
    "$target/debug/cost" sign-in 1
AURA_WALK=$walk cargo test --workspace --test tables --locked --quiet -- --ignored --nocapture
