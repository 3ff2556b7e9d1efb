"""What the hostile files share: a small sound data set, changed as one who means it would (every hash mended), and a
judgement of what genba makes of it. Right is a refusal in a sentence (exit code 2 or 3) or "it differs" (1).

Wrong are SIGNAL, HANG, UNTYPED (an internal error) and MEM (more than the process, twice the file and one episode), and
SILENT (exit code 0) wherever something an episode says was changed.
"""
import atexit
import hashlib
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

PROGRAM = os.path.abspath(os.environ["GENBA"])
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="genba-hostile-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
SHARD = "shard-00000.h5"
SECONDS, MEMORY_MB = 20, 1200
subprocess.run([PROGRAM, "collect", "pick_bin", "--episodes", "2", "--seed", "3", "--out", FOLDER / "sound",
                "--threads", "1", "--set", "collect.episodes_per_shard=2"], check=True, stderr=subprocess.DEVNULL,
               stdout=subprocess.DEVNULL)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(folder, manifest):
    manifest.pop("manifest_sha256", None)
    manifest["manifest_sha256"] = hashlib.sha256(
        json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False))


def mend(folder):
    """The manifest believes what the shard has become."""
    manifest = json.loads((folder / "manifest.json").read_text())
    shard = folder / SHARD
    if shard.is_file():
        manifest["shards"][0].update(sha256=sha256(shard), bytes=shard.stat().st_size)
    write_manifest(folder, manifest)


def fresh(name):
    folder = FOLDER / "cases" / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(FOLDER / "sound", folder)
    return folder


def edited(name, change):
    folder = fresh(name)
    with h5py.File(folder / SHARD, "r+", libver="latest") as file:
        change(file)
    mend(folder)
    return folder


def with_manifest(name, change):
    folder = fresh(name)
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    write_manifest(folder, manifest)
    return folder


def put_text(group, key, text):
    data = text if isinstance(text, bytes) else text.encode()
    if key in group:
        del group[key]
    if not data:
        group.create_dataset(key, shape=(0,), dtype=np.uint8)
        return
    group.create_dataset(key, data=np.frombuffer(data, dtype=np.uint8), chunks=(min(len(data), 1 << 20),),
                         compression="gzip", compression_opts=1, shuffle=True, fletcher32=True, track_times=False)


def demo(file, k=0):
    return file[f"data/demo_{k}"]


def run(arguments):
    def limits():
        resource.setrlimit(resource.RLIMIT_AS, (24 << 30, 24 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    start = time.time()
    with open(FOLDER / "out", "wb") as out, open(FOLDER / "err", "wb") as err:
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=out, stderr=err, stdin=subprocess.DEVNULL,
                                   preexec_fn=limits)
        hung = False
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.time() - start > SECONDS:
                hung = True
                process.kill()
            time.sleep(0.01)
    process.returncode = 0
    words = (FOLDER / "err").read_text(errors="replace")
    if hung:
        return "HANG", words
    if os.WIFSIGNALED(status):
        return f"SIGNAL {os.WTERMSIG(status)}", words
    if usage.ru_maxrss // 1024 > MEMORY_MB:
        return f"MEM {usage.ru_maxrss // 1024} MB", words
    if "internal error" in words or "Sanitizer" in words or "runtime error" in words:
        return "UNTYPED", words
    return ("SILENT" if os.WEXITSTATUS(status) == 0 else "typed"), words


def judge(cases, commands):
    """cases: name -> function that makes a folder; commands(folder) -> [(name, arguments, whether 0 is wrong)]."""
    only, wrong = sys.argv[1:], 0
    for name, make in cases.items():
        if only and not any(name.startswith(prefix) for prefix in only):
            continue
        folder = make()
        for what, arguments, must_tell in commands(name, folder):
            verdict, words = run(arguments)
            bad = verdict not in ("typed", "SILENT") or (verdict == "SILENT" and must_tell)
            wrong += bad
            first = next((line for line in words.splitlines() if line.strip()), "")
            print(f"{'WRONG' if bad else 'right'}  {name:24s} {what:8s} {verdict:10s} {first[:200]}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{wrong} wrong")
    sys.exit(1 if wrong else 0)
