"""One of those who are measured: for every line of standard input, a number of seconds, steps its worlds with random
actions for so long and answers {"steps", "seconds", "episodes"} as JSON, as peers_cell does for Genba.

    python play.py KIND FOLDER WORLDS THREADS      KIND: batch | batch_sleep | async | async_numpy | plain
"""

import functools
import json
import sys
import time

import numpy as np

from cell import Cell
from worlds import ACTIONS, CellEnv, batch_worlds, one_world

HOLD = 5  # control steps that a random action lasts, as in tests/bench/cell_export.h


class BatchRunner:
    def __init__(self, folder, worlds, threads, sleep):
        cell = Cell(folder)
        self.worlds = batch_worlds(cell, worlds, threads, sleep)
        self.worlds.reset(np.arange(worlds))

    def step(self, actions):
        *_, terminated, truncated, _, _ = self.worlds.step_and_go_on(actions)
        return int((terminated | truncated).sum())


class PlainRunner:
    """One after the other."""

    def __init__(self, folder, worlds):
        cell = Cell(folder)
        self.worlds = [one_world(cell, range(i, len(cell), worlds), False) for i in range(worlds)]
        for world in self.worlds:
            world.reset(np.array([0]))

    def step(self, actions):
        ended = 0
        for world, action in zip(self.worlds, actions):
            *_, terminated, truncated, _, _ = world.step_and_go_on(action[None])
            ended += int(terminated[0] | truncated[0])
        return ended


class AsyncRunner:
    """Gymnasium's own way: a process a world, observations through shared memory."""

    def __init__(self, folder, worlds, lean):
        from gymnasium.vector import AsyncVectorEnv, AutoresetMode

        self.envs = AsyncVectorEnv(
            [functools.partial(CellEnv, folder, i, worlds, lean) for i in range(worlds)],
            shared_memory=True,
            copy=False,
            autoreset_mode=AutoresetMode.SAME_STEP,
        )
        self.envs.reset()

    def step(self, actions):
        _, _, terminated, truncated, _ = self.envs.step(actions)
        return int((terminated | truncated).sum())


def runner(kind, folder, worlds, threads):
    if kind.startswith("batch"):
        return BatchRunner(folder, worlds, threads, kind == "batch_sleep")
    return PlainRunner(folder, worlds) if kind == "plain" else AsyncRunner(folder, worlds, kind == "async")


def main():
    kind, folder, worlds, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    run, rng, step, actions = runner(kind, folder, worlds, threads), np.random.default_rng(1), 0, None
    for line in sys.stdin:
        start, steps, ended = time.perf_counter(), 0, 0
        while time.perf_counter() - start < float(line):
            if step % HOLD == 0:
                actions = rng.uniform(-1, 1, (worlds, ACTIONS)).astype(np.float32)
            ended += run.step(actions)
            steps, step = steps + worlds, step + 1
        print(json.dumps({"steps": steps, "seconds": time.perf_counter() - start, "episodes": ended}), flush=True)


if __name__ == "__main__":
    main()
