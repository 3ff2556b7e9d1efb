"""Runs everybody in turns and prints one table of ratios; called by script/bench-peers."""

import argparse
import importlib.metadata
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from cell import Cell
from check import compare
from worlds import batch_worlds, one_world

CLONE = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).parent
SIM = {
    "batch": ("mujoco.batch + numpy, compiling at reset", 1.8),
    "batch_sleep": ("the same with its sleep switched on", None),
    "async_cores": ("Gymnasium AsyncVectorEnv, lean, a process a core", 3),
    "async": ("the same, a process a world", None),
    "async_numpy": ("the same, its kinematics in numpy", None),
    "plain": ("MuJoCo + numpy, one world after the other", 8),
}
PPO_SETTINGS = {
    "worlds": 64,
    "steps": 64,
    "iterations": 350,
    "epochs": 2,
    "minibatches": 4,
    "learning_rate": 3e-4,
    "critic_rate": 1e-3,
    "divergence": 0.03,
    "clip": 0.2,
    "gamma": 0.95,
    "lambda": 0.95,
    "deviation": 0.3,
    "last_deviation": 0.05,
    "success_bonus": 60,
    "clip_norm": 1.0,
    "critic_width": 128,
    "seed": 1,
}


def say(text):
    print(text, file=sys.stderr, flush=True)


def answer(*command):
    return subprocess.run([str(c) for c in command], cwd=CLONE, stdout=subprocess.PIPE, check=True, text=True).stdout


def lines(*command):
    """The JSON lines of a program's answer."""
    return [json.loads(line) for line in answer(*command).splitlines()]


class Player:
    """One of those who are measured: waits, and plays when it is its turn."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            [str(c) for c in command], cwd=CLONE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def play(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench-peers: {self.process.args} ended, exit code {self.process.wait()}")
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def export(args, folder, task, scenes, worlds=16, steps=60):
    subprocess.run(
        [args.build / "tests/bench/peers_cell", "export", folder, task, str(scenes), str(worlds), str(steps)],
        check=True,
    )
    return folder


def equal_work(folder):
    """Everybody's kind of worlds against Genba's trace; one world of it for those that have one."""
    cell, found = Cell(folder), {}
    found["batch"] = compare(cell, batch_worlds(cell, cell.worlds, 1))
    for kind, lean in (("async", True), ("plain", False)):
        found[kind] = compare(cell, one_world(cell, range(len(cell)), lean))
    return found


def ratios(mine, others):
    """Of each round, and their middle."""
    each = [a / b for a, b in zip(mine, others)]
    return {"ratio": statistics.median(each), "ratio_low": min(each), "ratio_high": max(each)}


def steps_per_s(args, folder):
    players = {"genba": Player(args.build / "tests/bench/peers_cell", "play", args.task, args.worlds, args.cores)}
    players |= {kind: Player(sys.executable, HERE / "play.py", kind, folder, args.worlds, args.cores) for kind in SIM}
    rates, episodes, steps = {kind: [] for kind in players}, dict.fromkeys(players, 0), dict.fromkeys(players, 0)
    for number in range(-args.warm_up, args.rounds):
        for kind, player in players.items():
            result = player.play(args.seconds)
            if number >= 0:
                rates[kind].append(result["steps"] / result["seconds"])
                episodes[kind] += result["episodes"]
                steps[kind] += result["steps"]
        say(
            f"round {number + 1} of {args.rounds}: "
            + ", ".join(f"{kind} {values[-1]:.0f}/s" for kind, values in rates.items() if values)
        )
    for player in players.values():
        player.end()
    rows = {
        kind: {
            "env_steps_per_s": statistics.median(values),
            "low": min(values),
            "high": max(values),
            "steps": steps[kind],
            "steps_per_episode": steps[kind] / max(1, episodes[kind]),
            **ratios(rates["genba"], values),
        }
        for kind, values in rates.items()
    }
    for kind, (name, bar) in SIM.items():
        rows[kind] |= {"name": name, "bar": bar}
    rows["genba"]["name"] = "Genba"
    return rows


def ppo(args, folder):
    """An iteration of PPO, in turns; --whole: until 95 % of 200 episodes are done."""
    kind, rounds = "batch_sleep", {"genba": [], "python": []}
    for number in range(args.ppo_rounds):
        genba = json.loads(
            answer(
                args.build / "cli/genba",
                "bench",
                "ppo",
                "reach",
                "--threads",
                args.cores,
                "--set",
                f"ppo.iterations={args.ppo_iterations}",
                "--set",
                f"ppo.threads={args.cores}",
                "--json",
            )
        )
        *each, last = lines(
            sys.executable, HERE / "ppo.py", folder, kind, json.dumps(PPO_SETTINGS), args.cores, args.ppo_iterations + 1
        )
        rounds["genba"].append(
            (PPO_SETTINGS["worlds"] * PPO_SETTINGS["steps"] / genba["env_steps_per_s"], genba["learning_s"])
        )
        rounds["python"].append(
            [statistics.mean(row[key] for row in each[1:]) for key in ("collection_s", "learning_s")]
        )
        say(f"ppo {number + 1} of {args.ppo_rounds}: {rounds['genba'][-1]}, {rounds['python'][-1]}")
    out = {
        "worlds_of": kind,
        "settings": PPO_SETTINGS,
        "parameters": {"genba": genba["parameters"], "python": last["parameters"]},
    }
    for part, take in (("collection", lambda row: row[0]), ("learning", lambda row: row[1]), ("iteration", sum)):
        mine, other = ([take(row) for row in rounds[who]] for who in ("genba", "python"))
        out[part] = {"genba_s": statistics.median(mine), "python_s": statistics.median(other), **ratios(other, mine)}
    if args.whole:
        out["whole"] = lines(
            sys.executable,
            HERE / "ppo.py",
            folder,
            kind,
            json.dumps(PPO_SETTINGS),
            args.cores,
            PPO_SETTINGS["iterations"],
            0.95,
        )[-1]
    return out


def machine():
    cpu = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    versions = {name: importlib.metadata.version(name) for name in ("mujoco-core", "numpy", "gymnasium", "torch")}
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=CLONE, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    return {
        "cpu": cpu[0],
        "cores_here": len(cpu),
        "load": os.getloadavg(),
        "versions": {"python": sys.version.split()[0], **versions},
        "genba": revision,
    }


def bar_text(ratio, bar):
    return "" if bar is None else f"asked: {bar:g}, {'met' if ratio >= bar else 'missed'}"


def learner_rows(row):
    rows = [("a step of behaviour cloning", f"{row['genba_ms']:.1f} ms", "", "")]
    for key, name in (("torch_ms", "eager"), ("compiled_ms", "compiled")):
        if row[key]:
            rows.append((f"  {name} PyTorch", f"{row[key]:.1f} ms", f"{row[key] / row['genba_ms']:.2f}", ""))
        else:
            rows.append((f"  {name} PyTorch", "\u2013", "", f"did not compile: {row['compiled_refused']}"))
    return rows


def table(result):
    rows = [("environment steps a second, " + result["settings"]["task"], "", "", "")] if "sim" in result else []
    for row in result.get("sim", {}).values():
        rows.append(
            (
                "  " + row["name"],
                f"{row['env_steps_per_s']:.0f} ({row['low']:.0f} to {row['high']:.0f})",
                f"{row['ratio']:.2f} ({row['ratio_low']:.2f} to {row['ratio_high']:.2f})",
                bar_text(row["ratio"], row.get("bar")),
            )
        )
    if "ppo" in result:
        rows.append(("an iteration of PPO, reach, against a CleanRL-shaped one", "", "", ""))
        for part in ("collection", "learning", "iteration"):
            row = result["ppo"][part]
            rows.append(
                (
                    "  " + part,
                    f"{row['genba_s']:.2f} s, {row['python_s']:.2f} s",
                    f"{row['ratio']:.2f} ({row['ratio_low']:.2f} to {row['ratio_high']:.2f})",
                    bar_text(row["ratio"], 2 if part == "iteration" else None),
                )
            )
    if "learner" in result:
        rows += learner_rows(result["learner"])
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    header = ("", "figure", "Genba is so many times as fast", "")
    widths = [max(w, len(h)) for w, h in zip(widths, header)]
    return "\n".join(
        "  ".join([cell.ljust(w) for cell, w in zip(row, widths)] + [row[3]]).rstrip() for row in [header, *rows]
    )


def arguments():
    parser = argparse.ArgumentParser(prog="script/bench-peers", description=__doc__)
    parser.add_argument("--parts", default="sim,ppo,learner", help="which (default: %(default)s)")
    parser.add_argument("--task", default="pick_bin", help="of the environment steps (default: %(default)s)")
    parser.add_argument("--worlds", type=int, default=64)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--warm-up", type=int, default=2, help="rounds before: worlds then are in all phases of an episode"
    )
    parser.add_argument("--seconds", type=float, default=3, help="of a turn")
    parser.add_argument("--ppo-rounds", type=int, default=3)
    parser.add_argument("--ppo-iterations", type=int, default=8, help="of a turn")
    parser.add_argument(
        "--whole", action="store_true", help="also trains the Python PPO until 95 %% of 200 episodes are done"
    )
    parser.add_argument("--quick", action="store_true", help="short turns: whether it runs, not how fast")
    parser.add_argument("--build", type=pathlib.Path, default=CLONE / "build/release", help="where Genba is")
    parser.add_argument("--json", help="FILE")
    args = parser.parse_args()
    if args.quick:
        args.worlds, args.rounds, args.warm_up, args.seconds, args.ppo_rounds, args.ppo_iterations = 8, 2, 0, 0.3, 1, 1
    return args


def measure(args, work):
    parts, result = args.parts.split(","), {"machine": machine(), "settings": {**vars(args), "build": str(args.build)}}
    if "sim" in parts:
        folder = export(args, work / args.task, args.task, max(128, 4 * args.worlds))
        result["equal_work"] = equal_work(folder)
    if "ppo" in parts:
        reach = export(args, work / "reach", "reach", 1024)
        result["equal_work_reach"] = {"batch": equal_work(reach)["batch"]}
    differ = [
        who
        for kind in ("equal_work", "equal_work_reach")
        for who, found in result.get(kind, {}).items()
        if not found["same_work"]
    ]
    if differ:
        print(json.dumps(result, indent=1, default=float))
        raise SystemExit(f"bench-peers: not the same work, so there is no ratio: {', '.join(differ)}")
    if "sim" in parts:
        result["sim"] = steps_per_s(args, folder)
    if "ppo" in parts:
        result["ppo"] = ppo(args, reach)
    if "learner" in parts:
        result["learner"] = json.loads(answer(CLONE / "script/bench-learner", args.cores, 5 if args.quick else 40))
    return result


def main():
    args = arguments()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's matrices are of six columns
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])
    with tempfile.TemporaryDirectory(prefix="genba-peers-") as work:
        result = measure(args, pathlib.Path(work))
    result["machine"]["load_after"] = os.getloadavg()
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(result, indent=1, default=float) + "\n")
    print(table(result))
    load = result["machine"]["load"]
    print(
        f"{result['machine']['cpu']}, {args.cores} cores; load {load[0]:.1f} before; "
        + ", ".join(f"{k} {v}" for k, v in result["machine"]["versions"].items())
    )


if __name__ == "__main__":
    main()
