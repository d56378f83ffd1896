#!/usr/bin/env bash
# Counts instructions and allocations of the pieces of work in scenarios.rs: `check` compares them with figures.toml, `store` stores
# them there and in README.md, `table` and `plot` show what is stored.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release -p aura-benches --bin cost --bin figures --locked --quiet
"${CARGO_TARGET_DIR:-target}/release/figures" "${1:-check}"
