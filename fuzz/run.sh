#!/usr/bin/env bash
# Fuzzes one target after another. `fuzz/run.sh hunt MINUTES [TARGET..]` searches for new inputs at low priority, and adds them to
# the corpus, minimised. `fuzz/run.sh check RUNS [TARGET..]` replays the corpus, and tries as many inputs from a fixed seed, as CI
# does: what it tries depends on the code alone, not on the hour. A failing input is left in fuzz/artifacts. Needs cargo-fuzz; no
# nightly toolchain.
set -euo pipefail
cd "$(dirname "$0")"

mode=${1:?hunt or check}; length=${2:?minutes or runs for each target}; shift 2
case $mode in
    hunt) limit="-max_total_time=$((length * 60))"; nice='nice -n 19' ;;
    check) limit="-runs=$length -seed=1"; nice='' ;;
    *) echo "hunt or check, not $mode"; exit 2 ;;
esac
[ $# -gt 0 ] || set -- $(cd fuzz_targets && ls | sed 's/\.rs$//')

# Replaces the inputs of a corpus by the few dozen with the largest coverage. Inputs with a descriptive name are kept.
keep() {
    local program=$1 corpus=corpus/$2 found=$3 unnamed='.*/[0-9a-f]{40}' work
    work=$(mktemp -d); mkdir "$work/merged"
    nice -n 19 "$program" -merge=1 -use_counters=0 -verbosity=0 -merge_control_file="$work/control" "$work/merged" "$corpus" "$found" 2>/dev/null
    mkdir "$work/kept"
    python3 choose.py "$work/control" 48 | xargs -d '\n' cp -t "$work/kept"
    find "$corpus" -type f -regextype posix-egrep -regex "$unnamed" -delete
    find "$work/kept" -type f -regextype posix-egrep -regex "$unnamed" -exec cp -t "$corpus" {} +
    rm -rf "$work"
}

RUSTC_BOOTSTRAP=1 cargo fuzz build --sanitizer none --target-dir ../target/fuzz
for target; do
    printf -- '-- %s\n' "$target"
    program=../target/fuzz/$(rustc --print host-tuple)/release/$target
    found=$(mktemp -d)
    mkdir -p "corpus/$target" "artifacts/$target"
    $nice "$program" $limit -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="artifacts/$target/" "$found" "corpus/$target" 2>&1 | grep -vE '^(stat::(slowest|peak|average|new)|INFO|WARNING|\s+NEW_FUNC|"|###)'
    if [ "$mode" = hunt ]; then
        keep "$program" "$target" "$found"
    fi
    rm -rf "$found"
done
