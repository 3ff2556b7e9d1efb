#!/usr/bin/env python3
"""GENBA=build/release/cli/genba kills.py KILLS: SIGKILL at random instants while genba collects.

Each time: nothing that a manifest had committed is lost or unreadable. In the end: the same files, byte for byte, as
without a kill. Then once for longer: what a progress line called finished 30 s before the kill is committed.
"""
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = os.path.abspath(os.environ["GENBA"])
wrong = 0


def tell(what):
    global wrong
    wrong += 1
    print("WRONG", what, flush=True)


def command(out, episodes, per_shard, worlds):
    return [PROGRAM, "collect", "pick_bin", "--episodes", str(episodes), "--seed", "5", "--out", out, "--threads", "1",
            "--set", f"collect.episodes_per_shard={per_shard}", "--set", "collect.noise=0.2",
            "--set", f"collect.worlds={worlds}"]


def files(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in pathlib.Path(folder).iterdir()}


def committed(folder):
    """first number behind what is committed, and the shards; each must be there as listed."""
    path = folder / "manifest.json"
    if not path.exists():
        return 0
    manifest = json.loads(path.read_text())
    for shard in manifest["shards"]:
        file = folder / shard["file"]
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != shard["sha256"]:
            tell(f"{shard['file']} is not what the manifest says")
    return manifest["next_episode"]


def kill_often(base, kills):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command(base / "whole", 60, 8, 6), check=True, **quiet)
    whole, done = files(base / "whole"), 0
    while done < kills:
        out, before, finished = base / "killed", 0, False
        shutil.rmtree(out, ignore_errors=True)
        while not finished:
            process = subprocess.Popen(command(out, 60, 8, random.randint(1, 9)), **quiet)
            try:
                finished = process.wait(timeout=random.uniform(0.05, 2.5) if done < kills else None) == 0
                if not finished:
                    tell(f"exit code {process.returncode}")
                    return
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                done += 1
            now = committed(out)
            if now < before:
                tell(f"{before} were committed, now {now}")
            before = now
        if files(out) != whole:
            tell(f"other files than without kills: {sorted(files(out))} against {sorted(whole)}")
        if subprocess.run([PROGRAM, "data", "verify", out], **quiet).returncode:
            tell("data verify")
    print(f"{done} kills", flush=True)


def kill_once_later(base, seconds):
    """With a shard that never fills: only the tail's clock commits."""
    out, lines = base / "late", []
    process = subprocess.Popen(command(out, 100000, 100000, 2), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def listen():
        for line in process.stderr:
            found = re.search(rb"(\d+)/100000 episodes", line)
            if found:
                lines.append((time.time(), int(found.group(1))))

    listener = threading.Thread(target=listen)
    listener.start()
    time.sleep(seconds)
    process.kill()
    killed = time.time()
    process.wait()
    listener.join()
    old = [count for when, count in lines if when < killed - 30]
    now = committed(out)
    print(f"killed after {seconds} s: {now} committed, {old[-1:]} finished 30 s before, {lines[-1:]} at last")
    if not old or now < old[-1]:
        tell("finished episodes are lost")


if __name__ == "__main__":
    random.seed(1)
    with tempfile.TemporaryDirectory(prefix="genba-kills-") as folder:
        kill_often(pathlib.Path(folder), int(sys.argv[1]))
        kill_once_later(pathlib.Path(folder), 55 + random.random() * 20)
    sys.exit(1 if wrong else 0)
