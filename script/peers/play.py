"""One of those who are measured: for every line of standard input, a number of seconds, steps its worlds with random
actions for so long and answers {"steps", "seconds", "episodes"} as JSON, as peers_cell does for Genba.

    python play.py KIND FOLDER WORLDS THREADS      KIND: one of runner()
"""

import functools
import json
import sys
import time

import numpy as np

from cell import Cell
from worlds import ACTIONS, CellEnv, CellsEnv, batch_worlds, one_world

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

        makers = [functools.partial(CellEnv, folder, i, worlds, lean) for i in range(worlds)]
        self.envs = AsyncVectorEnv(makers, shared_memory=True, copy=False, autoreset_mode=AutoresetMode.SAME_STEP)
        self.envs.reset()

    def step(self, actions):
        _, _, terminated, truncated, _ = self.envs.step(actions)
        return int((terminated | truncated).sum())


class AsyncCoresRunner:
    """A process a core, worlds / threads worlds in each."""

    def __init__(self, folder, worlds, threads):
        from gymnasium.vector import AsyncVectorEnv

        each = worlds // threads
        makers = [functools.partial(CellsEnv, folder, i * each, each, worlds) for i in range(threads)]
        self.envs = AsyncVectorEnv(makers, shared_memory=True, copy=False)
        self.envs.reset()
        self.shape = (threads, each, ACTIONS)

    def step(self, actions):
        shown = self.envs.step(actions.reshape(self.shape))[0]
        return int(shown[:, :, -2:].any(2).sum())


def runner(kind, folder, worlds, threads):
    makers = {
        "batch": lambda: BatchRunner(folder, worlds, threads, False),
        "batch_sleep": lambda: BatchRunner(folder, worlds, threads, True),
        "async_cores": lambda: AsyncCoresRunner(folder, worlds, threads),
        "async": lambda: AsyncRunner(folder, worlds, True),
        "async_numpy": lambda: AsyncRunner(folder, worlds, False),
        "plain": lambda: PlainRunner(folder, worlds),
    }
    return makers[kind]()


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
