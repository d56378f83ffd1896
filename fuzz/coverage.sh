#!/usr/bin/env bash
# Coverage of the parsers by the corpora. Runs every input of every corpus once. Prints the number of lines reached, for each
# source file that reads outside input, and in total. Needs Python; installs LLVM's tools.
set -euo pipefail
cd "$(dirname "$0")"

SESSION='cookie/(parse|chunks|set)|csrf|forwarded|origin|keyring/sealed|session/(protection|token|claims)|stored/(row|ticket|snapshot|replayed)'
CORE='redirect|route'
OAUTH='query|provider/(data|check|endpoints|profile)|oauth/(authorization|token|userinfo|pushed_request|mod)|oidc/(discovery|id_token|issuer|userinfo|logout)'
JOSE='base64url|header|jwe|jwk|jwk_set|jws|mac_key|pem|public_key|signing_key|unverified|verification_key'
REPLAY='answer|stored'
CLIENT='answered|csrf_token|destination|provider|session|tokens'
PARSERS="^(aura-proto/(src/($CORE)|oauth/src/($OAUTH)|session/src/($SESSION)|jose/src/($JOSE)|types/src/(object|time|web)|client/src/($CLIENT)|replay/src/($REPLAY))|adapters/host/src/env/(mod|keys))\\.rs\$"

tools=../target/tools
[ -x "$tools/bin/pip" ] || python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --no-deps --require-hashes --requirement tools.txt
llvm=$(dirname "$(find "$PWD/$tools/lib" -name llvm-cov)")
chmod +x "$llvm"/llvm-cov "$llvm"/llvm-profdata

build=../target/coverage
# The tools cannot read compressed names.
RUSTFLAGS='-Cinstrument-coverage -Cllvm-args=-enable-name-compression=false --cfg fuzzing' LLVM_PROFILE_FILE=/dev/null \
    cargo build --bins --locked --quiet --target-dir "$build"

profiles=$(mktemp -d)
objects=()
for target in $(cd fuzz_targets && ls | sed 's/\.rs$//'); do
    LLVM_PROFILE_FILE="$profiles/$target.profraw" "$build/debug/$target" -verbosity=0 corpus/"$target"/* >/dev/null 2>&1
    objects+=(-object "$build/debug/$target")
done
"$llvm/llvm-profdata" merge -sparse "$profiles"/*.profraw -o "$profiles/all"
"$llvm/llvm-cov" report "${objects[@]:1}" -instr-profile="$profiles/all" \
    -ignore-filename-regex='(\.cargo|rustc|fuzz_targets|fuzz/)' 2>/dev/null |
    awk -v parsers="$PARSERS" '
        $1 ~ parsers { printf "%-44s %4d of %4d lines, %5.1f %%\n", $1, $8 - $9, $8, 100 * ($8 - $9) / $8; all += $8; missed += $9 }
        END { if (!all) exit 1; printf "%-44s %4d of %4d lines, %5.1f %%\n", "all parsers", all - missed, all, 100 * (all - missed) / all }'
rm -rf "$profiles"
