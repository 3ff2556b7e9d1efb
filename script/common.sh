# common.sh - what every script here shares: where things are, how to speak, how to refuse. Sourced, never run.
set -euo pipefail

clone=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${GENBA_CACHE:-${HOME:-/root}/.cache/genba}
me=$(basename "$0")
export GENBA_CACHE=$cache CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-3G}

# What leaks, or races, in libraries that are not ours.
export LSAN_OPTIONS="suppressions=$clone/tests/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+ $LSAN_OPTIONS}"
export TSAN_OPTIONS="suppressions=$clone/tests/tsan.supp${TSAN_OPTIONS:+ $TSAN_OPTIONS}"

say() { printf '%s: %s\n' "$me" "$*"; }

# One sentence and exit code 3: the environment is not what it must be, and nothing was changed.
refuse() {
  printf '%s: %s\n' "$me" "$*" >&2
  exit 3
}

# Seconds since the script began, as 3:07.
clock() { printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60)); }

# Moves a finished folder to its place; the old one goes into $work, on the same file system: a reader
# finds the old one or the new one.
publish() {
  local made=$1 place=$2
  trap '' INT TERM
  [ ! -e "$place" ] || mv "$place" "$work/old"
  mv "$made" "$place"
  trap - INT TERM
}
