#!/usr/bin/env bash
# Law 7: a process that works alone opens no socket and loads no MPI. Negative control: two ranks do open some, so that this way of
# looking would see one.
#   no_socket.sh PROGRAM
set -eu
genba=$(readlink -f "$1")
command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || { echo "no_socket: skipped: no strace here"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/genba-sockets.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# sockets COMMAND…: how many sockets it and its children make.
sockets() {
  strace -f --seccomp-bpf -e trace=socket,socketpair,openat -o trace "$@" >said 2>&1 || { cat said; exit 1; }
  ! grep -q 'libmpi\.so' trace || echo "libmpi"
  grep -cE ' (socket|socketpair)\(' trace || true
}

"$genba" collect reach --episodes 3 --seed 1 --out data >/dev/null 2>&1
none() { local found; found=$(sockets "$@"); [ "$found" = 0 ] || { echo "no_socket: $*: expected 0 sockets, got $found"; exit 1; }; }
none "$genba" collect reach --episodes 3 --seed 2 --out more
none "$genba" train bc --data data --out run --set trainer.steps=4 --set trainer.reading_texts=200 --set trainer.calibration_texts=200 --set trainer.batch=16 --set policy.width=16 --set policy.trunk_width=32
none "$genba" bench comm --repeats 1

if command -v mpirun.openmpi >/dev/null && unshare -r -n true 2>/dev/null; then
  found=$(sockets "$genba" bench comm --ranks 2 --repeats 1)
  [ "$found" != 0 ] || { echo "no_socket: two ranks open none either, so this proves nothing"; exit 1; }
fi
echo "no_socket: none"
