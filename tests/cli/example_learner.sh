#!/usr/bin/env bash
# The example of docs/adding-a-learner.md has what the loop gives every learner. example_learner.sh PROGRAM
set -euo pipefail
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "$*"; exit 1; }
line() { "$program" line --out "$@" >out 2>err; }
same() { diff -rq "$1/checkpoints/step-00000050" "$2/checkpoints/step-00000050" && cmp "$1/metrics.jsonl" "$2/metrics.jsonl"; }

line whole --set line.shards=2 || fail "does not train: $(cat err)"
awk '/Loss/ {last = $0} END {exit last ~ /"Loss\/square":[0-9.]+e-0[3-9]|"Loss\/square":0\.0[0-9]*/ ? 0 : 1}' whole/metrics.jsonl || fail "does not learn: $(tail -n1 whole/metrics.jsonl)"
line again --set line.shards=2 && same whole again || fail "the same settings, other bytes"
cp -r whole killed && rm -r killed/checkpoints/step-00000050
line killed --resume && same whole killed || fail "resumed is not whole"
line other --set line.shards=2 --set line.seed=2 && ! same whole other >/dev/null || fail "another seed, the same bytes"
line wrong --set line.steps=0 && fail "takes no steps" || [ $? = 2 ] || fail "exit code of a wrong setting"
grep -q 'line.steps' err || fail "does not name the setting: $(cat err)"
if command -v mpirun.openmpi >/dev/null && { unshare -n true || unshare -r -n true; } 2>/dev/null; then
  line two --set line.shards=2 --ranks 2 && same whole two || fail "two ranks, other bytes: $(cat err)"
fi
