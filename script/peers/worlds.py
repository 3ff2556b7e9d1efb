"""N worlds of a cell in Python: mujoco.batch or one mjData after the other, numpy for everything else, and the same as
an environment of Gymnasium. A world that is done starts its next scene in a newly compiled model."""

import gymnasium
import mujoco
import mujoco.batch
import numpy as np

from cell import JOINTS, Cell, Ids
from control import Controller, EngineChain, NumpyChain
from tasks import SAFETY_STOP, TASKS, State, measure, observe

OBS, ACTIONS = 317, 7


class BatchPhysics:
    """mujoco.batch on `threads` threads; with sleep, what is at rest sleeps (it then wants an mjData a world)."""

    def __init__(self, cell, scenes, worlds, threads, sleep):
        self.cell, self.sleep = cell, sleep
        cell.prepare(scenes, sleep)
        self.models = [cell.compile(scenes[0])] * worlds
        self.batch = mujoco.batch.Batch(self.models[0], worlds, threads, persistent=sleep)
        self.qpos, self.qvel = self.batch.bind("qpos"), self.batch.bind("qvel")

    def load(self, ids, scenes):
        for i, scene in zip(ids, scenes):
            self.models[i] = self.cell.compile(scene)
        self.batch.set_models(self.models)
        # With sleep a full reset: poses of what never moves are only computed there.
        self.batch.reset(ids, stage=mujoco.mjtStage.mjSTAGE_ACC if self.sleep else mujoco.mjtStage.mjSTAGE_NONE)

    def put(self, rows):
        """Genba's states: what mj_step reads, the solver's warm start included."""
        warm, d = self.batch.bind("qacc_warmstart"), mujoco.MjData(self.models[0])
        for i, row in enumerate(rows):
            mujoco.mj_setState(self.models[i], d, row, mujoco.mjtState.mjSTATE_INTEGRATION)
            self.qpos[i], self.qvel[i], warm[i] = d.qpos, d.qvel, d.qacc_warmstart

    def step(self, ctrl):
        return self.batch.rollout(ctrl.shape[1], ctrl, record=("sensordata",))["sensordata"]


class PlainPhysics:
    """One mjData."""

    def __init__(self, cell, scenes):
        self.cell = cell
        cell.prepare(scenes, False)
        self.use(cell.compile(scenes[0]))

    def use(self, m):
        self.m, self.d = m, mujoco.MjData(m)
        self.qpos, self.qvel = self.d.qpos[None], self.d.qvel[None]
        self.sensors = np.zeros((1, self.cell.substeps, m.nsensordata))

    def load(self, ids, scenes):
        self.use(self.cell.compile(scenes[0]))

    def put(self, rows):
        mujoco.mj_setState(self.m, self.d, rows[0], mujoco.mjtState.mjSTATE_INTEGRATION)

    def step(self, ctrl):
        m, d, sensors = self.m, self.d, self.sensors[0]
        for i, now in enumerate(ctrl[0]):
            d.ctrl[:] = now
            mujoco.mj_step(m, d)
            sensors[i] = d.sensordata
        return self.sensors


class Worlds:
    """scenes: which it plays, one after the other; lean: kinematics by MuJoCo's C functions."""

    def __init__(self, cell, scenes, worlds, physics, lean=False):
        self.cell, self.n, self.physics = cell, worlds, physics
        m = cell.compile(scenes[0])
        self.ids = Ids(m)
        self.chain = (EngineChain if lean else NumpyChain)(m, self.ids)
        self.controller = Controller(cell.controller, m, self.ids, self.chain, worlds, cell.substeps)
        self.state, self.task = State(cell, worlds), TASKS[cell.task]()
        self.tcp = tuple(np.zeros((worlds, *shape)) for shape in ((3,), (3, 3), (6, JOINTS)))
        self.scenes, self.next = scenes, 0

    def reset(self, ids):
        """Starts the listed worlds' next scenes; their observations [len(ids), D]."""
        scenes = [self.scenes[(self.next + i) % len(self.scenes)] for i in range(len(ids))]
        self.next += len(ids)
        return self.begin(ids, scenes)

    def begin(self, ids, scenes):
        self.physics.load(ids, scenes)
        qpos, qvel, where = self.physics.qpos[ids], self.physics.qvel[ids], self.ids
        tcp = self.chain(qpos[:, where.arm_qpos])
        for whole, new in zip(self.tcp, tcp):
            whole[ids] = new
        self.controller.reset(ids, qpos[:, where.arm_qpos], qpos[:, where.fingers].sum(1), *tcp[:2])
        self.state.begin(self.cell, ids, scenes, qpos[:, where.parts[:, :3]])
        scene = {key: values[ids] for key, values in self.state.scene.items()}
        now, commanded = measure(where, scene, qpos, qvel, tcp, None), self.controller.commanded()
        return self.observe(scene, now, [values[ids] for values in commanded])

    def observe(self, scene, now, commanded):
        return observe(scene, now, commanded, self.controller.maths.rotation_vector)

    def step(self, actions):
        """Of all worlds: observation, reward terms [N, R], cause of the end [N] ("none" goes on), out of time [N]."""
        p, r, _ = self.tcp
        sensors = self.physics.step(
            self.controller.command(actions, self.physics.qpos[:, self.ids.fingers].sum(1), p, r)
        )
        self.tcp = self.chain(self.physics.qpos[:, self.ids.arm_qpos])
        now = measure(self.ids, self.state.scene, self.physics.qpos, self.physics.qvel, self.tcp, sensors)
        obs = self.observe(self.state.scene, now, self.controller.commanded())
        self.state.step += 1
        terms, cause = self.task.judge(self.state, now, self.cell.hold_steps)
        cause = np.where(now.peak > SAFETY_STOP, "safety_stop", cause)
        truncated = (cause == "none") & (self.state.step >= self.state.scene["horizon"])
        return obs, terms, cause, truncated

    def step_and_go_on(self, actions):
        """The same, and what ended begins anew: (next obs, reward, terminated, truncated, cause, last obs)."""
        last, terms, cause, truncated = self.step(actions)
        terminated = cause != "none"
        ended = np.flatnonzero(terminated | truncated)
        obs = last
        if len(ended):
            obs = last.copy()
            obs[ended] = self.reset(ended)
        return obs, terms.sum(1), terminated, truncated, cause, last


def batch_worlds(cell, worlds, threads, sleep=False):
    scenes = range(len(cell))
    return Worlds(cell, scenes, worlds, BatchPhysics(cell, scenes, worlds, threads, sleep))


def one_world(cell, scenes, lean):
    return Worlds(cell, scenes, 1, PlainPhysics(cell, scenes), lean)


class CellEnv(gymnasium.Env):
    """One world."""

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (OBS,), np.float32)
    action_space = gymnasium.spaces.Box(-1, 1, (ACTIONS,), np.float32)

    def __init__(self, folder, world, worlds, lean):
        cell = Cell(folder)
        self.worlds = one_world(cell, range(world, len(cell), worlds), lean)

    def reset(self, *, seed=None, options=None):
        return self.worlds.reset(np.array([0]))[0], {}

    def step(self, action):
        obs, terms, cause, truncated = self.worlds.step(action[None])
        return obs[0], float(terms.sum()), bool(cause[0] != "none"), bool(truncated[0]), {}


class CellsEnv(gymnasium.Env):
    """Some worlds one after the other behind one environment, so that a process a core is enough: rewards and ends of
    each are columns behind its observation, [count, D + 3], and what ended has begun anew."""

    def __init__(self, folder, first, count, worlds):
        cell = Cell(folder)
        self.worlds = [one_world(cell, range(i, len(cell), worlds), True) for i in range(first, first + count)]
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (count, OBS + 3), np.float32)
        self.action_space = gymnasium.spaces.Box(-1, 1, (count, ACTIONS), np.float32)
        self.shown = np.zeros((count, OBS + 3), np.float32)

    def reset(self, *, seed=None, options=None):
        for world, row in zip(self.worlds, self.shown):
            row[:OBS] = world.reset(np.array([0]))[0]
        return self.shown, {}

    def step(self, actions):
        for world, row, action in zip(self.worlds, self.shown, actions):
            obs, reward, terminated, truncated, *_ = world.step_and_go_on(action[None])
            row[:OBS], row[OBS:] = obs[0], (reward[0], terminated[0], truncated[0])
        return self.shown, 0.0, False, False, {}
