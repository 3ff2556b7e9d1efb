#!/usr/bin/env bash
# skips.sh PROGRAM… - test programs of the preset cuda. Without a device each starts, passes what needs none, and says of every
# other test that it was skipped and why; with one, nothing is skipped. Whether there is one is asked of the system, not of CUDA.
set -euo pipefail
fail() { echo "skips: $*" >&2; exit 1; }

for program in "$@"; do
  said=$("$program" 2>&1) || fail "$program: expected exit code 0: $said"
  count() { grep -c "$1" <<<"$said" || true; }
  ran=$(count '^\[ RUN ') skipped=$(count '^\[  SKIPPED \] .*ms)$') passed=$(count '^\[       OK \]') reasons=$(count 'no CUDA device on this machine: .')
  [ $((passed + skipped)) = "$ran" ] && [ "$passed" -gt 0 ] || fail "$program: of $ran tests $passed passed and $skipped were skipped"
  if [ -e /dev/nvidia0 ]; then
    [ "$skipped" = 0 ] || fail "$program: /dev/nvidia0 is there, and $skipped tests were skipped"
  else
    [ "$skipped" -gt 0 ] && [ "$reasons" -ge "$skipped" ] || fail "$program: $skipped tests were skipped, $reasons said why"
  fi
  echo "skips: $(basename "$program"): $passed passed, $skipped skipped"
done
