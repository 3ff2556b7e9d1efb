#!/usr/bin/env bash
# Law 1 at the machine's edge: whatever a trained policy collects, what eval says, what embed computes and what train
# makes are equal bytes for any OMP_NUM_THREADS and other steering variables, for one core (taskset) and for any
# --threads. Negative control: trainer.threads is a setting, so the same comparison must see that it changes the weights.
#   same_bits.sh PROGRAM
set -eu
genba=$(readlink -f "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/genba-bits.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
small="--set trainer.steps=6 --set trainer.reading_texts=200 --set trainer.calibration_texts=200 --set trainer.batch=64 --set trainer.warmup=2 --set policy.width=64 --set policy.trunk_width=64"

"$genba" collect reach --episodes 6 --seed 1 --out data >/dev/null 2>&1
"$genba" train bc --data data --out run $small >/dev/null 2>&1

# everything NAME THREADS COMMAND…: all four commands under COMMAND, their outputs in the folder NAME.
everything() {
  local name=$1 threads=$2
  shift 2
  mkdir "$name"
  "$@" "$genba" train bc --data data --out "$name/run" $small >/dev/null 2>&1
  "$@" "$genba" collect reach --policy run --episodes 3 --seed 4 --out "$name/data" --threads "$threads" >/dev/null 2>&1
  "$@" "$genba" eval reach --policy run --episodes 3 --no-probes --threads "$threads" 2>/dev/null >"$name/eval.txt"
  "$@" "$genba" embed "赤いボルトを左の箱に入れて" "the red bolt" --out "$name/features.safetensors" >"$name/embed.txt"
}

# same A B: the files that hold results.
same() {
  cmp "$1/data/shard-00000.h5" "$2/data/shard-00000.h5" && cmp "$1/eval.txt" "$2/eval.txt" && cmp "$1/embed.txt" "$2/embed.txt" &&
    cmp "$1/features.safetensors" "$2/features.safetensors" &&
    cmp "$1/run/checkpoints/step-00000006/policy.safetensors" "$2/run/checkpoints/step-00000006/policy.safetensors" &&
    cmp "$1/run/checkpoints/step-00000006/training.safetensors" "$2/run/checkpoints/step-00000006/training.safetensors"
}

everything plain 1 env
everything one 2 env OMP_NUM_THREADS=1
everything two 1 env OMP_NUM_THREADS=2 OMP_DYNAMIC=true
everything eight 2 env OMP_NUM_THREADS=8 OMP_THREAD_LIMIT=1 MKL_CBWR=COMPATIBLE ATEN_CPU_CAPABILITY=default DNNL_MAX_CPU_ISA=SSE41
everything bare 1 env -i GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA
everything core 2 taskset -c 0
for other in one two eight bare core; do same plain "$other" || { echo "same_bits: $other differs"; exit 1; }; done

"$genba" train bc --data data --out control $small --set trainer.threads=1 >/dev/null 2>&1
! cmp -s plain/run/checkpoints/step-00000006/training.safetensors control/checkpoints/step-00000006/training.safetensors ||
  { echo "same_bits: trainer.threads changes nothing, so this comparison proves nothing"; exit 1; }
echo "same_bits: equal"
