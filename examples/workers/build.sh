#!/usr/bin/env bash
# Builds ./pkg of this example: needs the target wasm32-unknown-unknown, clang for the C code of ring, and wasm-bindgen-cli.
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --target wasm32-unknown-unknown -p aura-example-workers --locked
wasm-bindgen --target web --no-typescript --out-dir pkg ../../target/wasm32-unknown-unknown/release/aura_example_workers.wasm
