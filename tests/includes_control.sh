#!/usr/bin/env bash
# A copy of the tree with one include pointing upwards, and one with torch in sim: script/includes --check must refuse both.
set -euo pipefail
source_dir=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r "$source_dir"/{core,sim,envs,datasets,policies,trainer,cli,script} "$scratch"
[ ! -d "$source_dir/viewer" ] || cp -r "$source_dir/viewer" "$scratch"
cd "$scratch"
script/includes --check >/dev/null || { echo "the copy itself is refused"; exit 1; }
for line in '#include "envs/order.h"' '#include <ATen/core/Tensor.h>'; do
  cp "$source_dir/sim/fault.h" sim/fault.h
  sed -i "1i $line" sim/fault.h
  if script/includes --check >/dev/null; then echo "not found: $line"; exit 1; fi
done
