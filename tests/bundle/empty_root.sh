#!/usr/bin/env bash
# A bundle in a root folder that holds nothing else but /tmp and a copy of /proc/cpuinfo, without a network, collects, trains and
# evaluates; its bytes are those of the build's program. Then the folder is moved. Negative controls: a library that is taken away
# is named, by the loader and by script/bundle --check; so is a program that looks for its libraries where it was built; so is LibTorch
# where it was left out; so is /proc/cpuinfo, from which LibTorch learns what the processor can do.
#   empty_root.sh BUILD
set -euo pipefail
build=$(realpath "$1")
bundle=$(realpath "$(dirname "$0")/../../script/bundle")
wheels=${GENBA_CACHE:-$HOME/.cache/genba}/wheels
most_megabytes=64  # without LibTorch
unshare -r -n chroot / true 2>/dev/null || { echo "empty_root: skipped: no user namespaces here"; exit 77; }
work=$(mktemp -d "$build/empty_root.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
small="--set trainer.steps=6 --set trainer.reading_texts=200 --set trainer.calibration_texts=200 --set trainer.batch=64 --set trainer.warmup=2 --set policy.width=64 --set policy.trunk_width=64"

fail() { echo "empty_root: $*"; exit 1; }
inside() { env -i "$(command -v unshare)" -r -n "$(command -v chroot)" "$work/root" "$@"; }

# refuses WORD COMMAND…: it fails, and says the word.
refuses() {
  local word=$1
  shift
  ! "$@" >said 2>&1 || fail "no failure: $*"
  grep -qF -- "$word" said || fail "does not name $word: $* ($(head -n1 said))"
}

# everything FOLDER COMMAND…: collects, trains and evaluates with this program, all files in the folder.
everything() {
  local folder=$1
  shift
  "$@" collect pick_bin --episodes 20 --seed 1 --out "$folder/data"
  "$@" train bc --data "$folder/data" --out "$folder/run" $small
  "$@" eval pick_bin --policy "$folder/run" --episodes 2 --seed 100000 --json "$folder/eval.json"
}

"$bundle" "$work/root/genba" --from "$build"
mkdir -p root/tmp root/proc
cp /proc/cpuinfo root/proc
everything /tmp inside /genba/bin/genba >log 2>&1 || { cat log; fail "failed in an empty root"; }
mkdir outside
everything outside "$build/cli/genba" >log 2>&1 || { cat log; fail "the build's program failed"; }
for file in data/shard-00000.h5 run/checkpoints/step-00000006/policy.safetensors run/checkpoints/step-00000006/training.safetensors; do
  cmp "root/tmp/$file" "outside/$file" || fail "$file differs from that of the build's program"
done

mkdir "root/工場 : 2"
mv root/genba "root/工場 : 2/genba"
moved="/工場 : 2/genba"
inside "$moved/bin/genba" embed "赤いボルト" >moved.txt 2>&1 || { cat moved.txt; fail "failed after it was moved"; }
! grep -q AVX2 moved.txt || fail "a warning about the processor where nothing is hidden"
mv root/proc root/hidden
inside "$moved/bin/genba" embed "赤いボルト" >hidden.txt 2>&1
! grep -qw avx2 /proc/cpuinfo || grep -q 'expected a processor with AVX2' hidden.txt || fail "no warning where /proc/cpuinfo is hidden"

here="$work/root$moved"
rm "$here/lib/genba/libpng16.so.16"
refuses libpng16.so.16 inside "$moved/bin/genba" --version
refuses libpng16.so.16 "$bundle" --check "$here"
rm -r "$here"

"$bundle" "$work/lean" --from "$build" --without-torch
bytes=$(du -sb lean | cut -f1)
[ "$bytes" -le $((most_megabytes * 1000000)) ] || fail "lean: bytes without LibTorch: expected at most $most_megabytes MB, got $bytes"
refuses lean/lib/genba/torch lean/bin/genba --version
rm lean/lib/genba/libstdc++.so.6
refuses libstdc++.so.6 "$bundle" --check lean
cp "$build/cli/genba" lean/lib/genba/not_installed
refuses "not_installed: run path: expected \$ORIGIN" "$bundle" --check lean
refuses "expected 2." "$bundle" "$work/lean" --from "$build" --torch /tmp
"$bundle" "$work/lean" --from "$build" --torch "$wheels/torch"
lean/bin/genba --version
