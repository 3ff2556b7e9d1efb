#!/usr/bin/env bash
# find_package(genba) in somebody else's project: an installed prefix is moved, then a program is built against it and plays an
# episode that genba collected, with equal bits. Negative control: without the library of one of the targets, it is not found.
#   consumer.sh BUILD
set -euo pipefail
build=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d "$build/consumer.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$build/cli/genba" collect pick_bin --episodes 1 --seed 1 --out "$work/data" >/dev/null 2>&1
cmake --install "$build" --prefix "$work/first" --component development >/dev/null
mv "$work/first" "$work/prefix"
! grep -rlI --include='*.cmake' -e "$work/first" -e "$build" "$work/prefix" || { echo "consumer: these files name folders of the build"; exit 1; }

configure() { cmake -S "$here/consumer" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/log" 2>&1; }
configure && cmake --build "$work/build" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$work/build/consumer" "$work/data"

rm "$work/prefix/lib/libgenba_sim.a"
! configure || { echo "consumer: configured without libgenba_sim.a"; exit 1; }
grep -q libgenba_sim.a "$work/log" || { echo "consumer: the refusal does not name libgenba_sim.a"; exit 1; }
