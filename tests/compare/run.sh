#!/usr/bin/env bash
# Logs out while a request is under way, at applications on tower-sessions and on Aura, and prints what became of the session.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-../../target/compare-sessions}
for feature in theirs-sqlite ours-sqlite; do
    cargo run --quiet --locked --target-dir "$target" --features "$feature"
done
