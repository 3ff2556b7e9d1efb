#!/usr/bin/env bash
# Bar 6 of ranks: two hosts, which are two network namespaces joined over a veth pair, train together. Law: the same bytes as two ranks
# of one host, and no rank can be reached on any interface but the one that was named. Negative controls: without a name the start is
# refused, and the way of looking does see what mpirun and orted listen on, which is every interface.
#   two_hosts.sh PROGRAM
set -eu
genba=$(readlink -f "$1")
skip() { echo "two_hosts: skipped: $*"; exit 77; }
command -v mpirun.openmpi >/dev/null || skip "no mpirun here"
command -v ss >/dev/null && command -v ip >/dev/null && command -v nsenter >/dev/null || skip "no ip, ss or nsenter here"
if [ -z "${GENBA_TWO_HOSTS:-}" ]; then  # into a network of our own, which goes with us
  for way in "unshare -n" "unshare -r -n"; do
    $way sh -c 'unshare -n true && ip link add hall0 type veth peer name hall1' 2>/dev/null || continue
    GENBA_TWO_HOSTS=1 exec $way "$0" "$genba"
  done
  skip "the kernel gives no network namespaces or no veth"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/genba-hosts.XXXXXX")
unshare -n sleep 600 &
second=$!
trap 'kill $second 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
on_second() { nsenter -t $second -n "$@"; }
for _ in $(seq 50); do [ "$(readlink /proc/$second/ns/net)" != "$(readlink /proc/self/ns/net)" ] && break || sleep 0.1; done

# hall0 is where the ranks are to talk; office0 is another network of the same two hosts.
network=70
for interface in hall0 office0; do
  network=$((network + 1))
  ip link add $interface type veth peer name $interface netns $second
  ip addr add 10.$network.0.1/24 dev $interface
  on_second ip addr add 10.$network.0.2/24 dev $interface
  on_second ip link set $interface up
  ip link set $interface up
done
ip link set lo up
on_second ip link set lo up

# Starts orted there instead of through ssh: AGENT HOST COMMAND…
printf '#!/bin/sh\nshift\nexec nsenter -t %s -n sh -c "$*"\n' $second >agent
chmod +x agent
on_two_hosts() {
  mpirun.openmpi -n 2 --host 10.71.0.1:1,10.71.0.2:1 --bind-to none --mca plm rsh --mca plm_rsh_agent "$work/agent" --mca oob_tcp_if_include hall0 "$@"
}
small="--set trainer.batch=16 --set trainer.threads=1 --set trainer.shards=2 --set trainer.reading_texts=200 --set trainer.calibration_texts=200 --set trainer.log_every=5 --set policy.width=16 --set policy.trunk_width=32 --set policy.backbone=bag_of_words"
train="train bc --data data $small"

"$genba" collect reach --episodes 6 --seed 3 --out data --threads 1 >/dev/null 2>&1
"$genba" $train --out one --set trainer.steps=20 >/dev/null 2>&1
on_two_hosts "$genba" $train --out two --set trainer.steps=20 --interface hall0 >said 2>&1 || { cat said; exit 1; }
"$genba" diff one two || { echo "two_hosts: other bytes than on one host"; exit 1; }

if on_two_hosts "$genba" $train --out unnamed --set trainer.steps=20 >said 2>&1; then echo "two_hosts: no interface was named, and it was not refused"; exit 1; fi
grep -q -- '--interface: expected the network interface' said || { cat said; exit 1; }

# While one trains: ports that a host listens on, by whom; and whether each can be reached.
on_two_hosts "$genba" $train --out long --set trainer.steps=100000 --set trainer.checkpoint_every=100000 --interface hall0 >said 2>&1 &
job=$!
for _ in $(seq 300); do [ -s long/metrics.jsonl ] && break || sleep 0.1; done
[ -s long/metrics.jsonl ] || { cat said; exit 1; }
# listeners WHO: "ADDRESS:PORT" of the TCP sockets they listen on, loopback left out
listeners() { ss -H -ltnp | grep -E "\(\(\"($1)" | awk '{print $4}' | grep -v '^127\.' || true; }
reaches() { timeout 2 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }
export -f reaches listeners
ranks='genba|ld-linux'
here=$(listeners "$ranks")
there=$(on_second bash -c "listeners '$ranks'")
for socket in $here $there; do
  [[ $socket == *%hall0:* ]] || { echo "two_hosts: $socket is not tied to hall0"; exit 1; }
done
v4() { tr ' ' '\n' <<<"$*" | grep '^0\.' || true; }  # the two networks have no other addresses
for socket in $(v4 $here); do
  port=${socket##*:}
  on_second bash -c "reaches 10.71.0.1 $port" || { echo "two_hosts: $socket cannot be reached on hall0, either"; exit 1; }
  if on_second bash -c "reaches 10.72.0.1 $port"; then echo "two_hosts: $socket of rank 0 can be reached on office0"; exit 1; fi
done
for socket in $(v4 $there); do
  port=${socket##*:}
  reaches 10.71.0.2 $port || { echo "two_hosts: $socket cannot be reached on hall0, either"; exit 1; }
  if reaches 10.72.0.2 $port; then echo "two_hosts: $socket of rank 1 can be reached on office0"; exit 1; fi
done
[ -n "$(v4 $here)$(v4 $there)" ] || { echo "two_hosts: the ranks listen nowhere, so this proves nothing"; exit 1; }
launchers=$(listeners 'mpirun|orted')
seen=0
for socket in $(v4 $launchers); do
  if on_second bash -c "reaches 10.72.0.1 ${socket##*:}"; then seen=1; fi
done
[ $seen = 1 ] || echo "two_hosts: mpirun listens on the named interface only, which is better than docs/cluster.md says"
kill -TERM $job
wait $job || true
echo "two_hosts: the same bytes; ranks listen on $(echo $here $there | tr '\n' ' '); mpirun on $(echo $launchers | tr '\n' ' ')"
