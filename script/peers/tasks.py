"""What Genba's tasks make of a step (envs/measure.cc, observation.cc, tasks/*.cc), for N worlds at once: measurement,
observation, reward terms, termination. Not here: labels of the expert (Genba computes them in the same step), probes,
answers, disturbances."""

import numpy as np

from cell import NETS, PART, PARTS, PLACE, PLACES, PROPRIO
from control import length

SAFETY_STOP, MOVED = 250, 0.01  # [N], [m]
TILT = 5 / 57.29577951308232
PLACED_HEIGHT, RELEASE_SPEED = 0.10, 0.25


class Now:
    """What is measured after a step."""


def measure(ids, s, qpos, qvel, tcp, sensors):
    """s: the scenes' constants; qpos, qvel [N, …] after the step, tcp (p, R, J) of it, sensors [N, substeps, …] or None
    after a reset."""
    now = Now()
    now.p, now.r, jacobian = tcp
    now.v = (jacobian[:, :3] @ qvel[:, ids.arm_dof, None])[:, :, 0]
    now.opening = qpos[:, ids.fingers].sum(1)
    part = qpos[:, ids.parts]
    w, x, y, z = np.moveaxis(part[:, :, 3:], 2, 0)
    now.parts, now.up = part[:, :, :3], 1 - 2 * (x * x + y * y)
    yaw = np.arctan2(now.r[:, 1, 0], now.r[:, 0, 0])
    turn = np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)) - yaw[:, None]
    now.turn = turn - np.pi * np.ceil((turn - np.pi / 2) / np.pi)
    now.from_tcp = now.parts - now.p[:, None]
    now.in_bin = np.where(s["present"], bins_of(s, now.parts), -1)
    near = length(now.from_tcp)[:, :, 0] < 0.022
    width, opening = s["grasp_width"], now.opening[:, None]
    held = s["present"] & near & (opening < width * 1.15 + 0.004) & (opening > width * 0.7)
    now.held = np.where(held.any(1), held.argmax(1), -1)
    now.forces, now.peak, now.touched = (
        np.zeros((len(qpos), 2)),
        np.zeros(len(qpos)),
        np.zeros((len(qpos), PARTS), bool),
    )
    if sensors is not None:
        nets = length(sensors[:, :, : 3 * len(NETS)].reshape(*sensors.shape[:2], len(NETS), 3))[..., 0]
        now.forces, now.peak = nets[:, -1, :2], nets.max((1, 2))
        now.touched = (sensors[:, :, 3 * len(NETS) :] > 0).any(1)
    return now


def bins_of(s, p):
    """Of points [N, K, 3]: the first bin that each is in, -1 none."""
    out = p[:, :, None, :2] - s["bin_centre"][:, None, :, :2]
    cos, sin = s["bin_turn"][:, None, :, 0], s["bin_turn"][:, None, :, 1]
    along, across = cos * out[..., 0] + sin * out[..., 1], cos * out[..., 1] - sin * out[..., 0]
    half = s["bin_half"][:, None]
    inside = (
        (np.abs(along) <= half[..., 0])
        & (np.abs(across) <= half[..., 1])
        & (p[:, :, None, 2] < s["bin_height"][:, None])
    )
    return np.where(inside.any(2), inside.argmax(2), -1)


def observe(s, now, commanded, rotation_vector):
    """A new array [N, D]. commanded: p, R, dq a second, opening."""
    obs, n = s["obs"].copy(), len(s["obs"])
    p, r, dq, opening = commanded
    proprio = obs[:, :PROPRIO]
    proprio[:, 0:3], proprio[:, 3:6], proprio[:, 6:9], proprio[:, 9:12] = now.p, now.r[:, :, 0], now.r[:, :, 2], now.v
    proprio[:, 12:15], proprio[:, 15:18] = p - now.p, rotation_vector(r @ now.r.swapaxes(1, 2))
    proprio[:, 18:24], proprio[:, 24], proprio[:, 25] = dq, now.opening, opening
    proprio[:, 26:28], proprio[:, 28] = np.minimum(now.forces, 100) / 20, now.held >= 0
    parts = obs[:, PROPRIO : PROPRIO + PARTS * PART].reshape(n, PARTS, PART)
    moving = np.concatenate(
        [now.parts, now.from_tcp, np.stack([np.cos(2 * now.turn), np.sin(2 * now.turn), now.up], 2)], 2
    )
    present = s["present"]
    parts[:, :, 1:10] = moving * present[:, :, None]
    parts[:, :, 22], parts[:, :, 23] = now.held[:, None] == np.arange(PARTS), (now.in_bin >= 0) & present
    places = obs[:, PROPRIO + PARTS * PART :].reshape(n, PLACES, PLACE)
    places[:, :, 4:7] = (s["bin_centre"] - now.p[:, None]) * s["bin_present"][:, :, None]
    places[:, :, 15] = ((now.in_bin[:, :, None] == np.arange(PLACES)) & present[:, :, None]).sum(1)
    return obs


class State:
    """What changes in an episode besides the physics, and the constants of the scenes being played; one row a world."""

    def __init__(self, cell, worlds):
        self.scene = {key: np.repeat(values[:1], worlds, 0) for key, values in cell.constants.items()}
        self.step, self.hold = np.zeros(worlds, np.int64), np.zeros(worlds, np.int64)
        self.disturbed = np.zeros(worlds, bool)
        self.start, self.hold_at = np.zeros((worlds, PARTS, 3)), np.zeros((worlds, PARTS, 3))
        self.had, self.thrown = np.zeros((worlds, PARTS), bool), np.zeros((worlds, PARTS), bool)
        self.height, self.speed = np.zeros((worlds, PARTS)), np.zeros((worlds, PARTS))

    def begin(self, cell, ids, scenes, parts):
        for key, values in cell.constants.items():
            self.scene[key][ids] = values[scenes]
        for values in (self.step, self.hold, self.disturbed, self.had, self.thrown, self.height, self.speed):
            values[ids] = 0
        self.start[ids] = parts

    def advance(self, holds, at, rest):
        """At rest is a displacement since the hold began."""
        moved = (length(at - self.hold_at)[:, :, 0] > rest).any(1)
        self.hold[moved] = 0
        fresh = self.hold == 0
        self.hold_at[fresh] = at[fresh]
        self.hold = np.where(holds, self.hold + 1, 0)


def moved_parts(state, now):
    return length(now.parts - state.start)[:, :, 0] > MOVED


def chosen(values, index):
    return np.take_along_axis(values, index[:, None], 1)[:, 0]


class Reach:
    ABOVE, TOLERANCE, REST = 0.05, 0.01, 0.005

    def judge(self, state, now, hold_steps):
        s = state.scene
        state.disturbed |= (moved_parts(state, now) & s["present"]).any(1)
        above = now.from_tcp + np.array([0, 0, 1]) * (s["half"][:, :, 2:] + self.ABOVE)
        distance = np.where(s["wanted"], length(above)[:, :, 0], np.inf).min(1)
        tilt = np.arccos(np.clip(-now.r[:, 2, 2], -1, 1))
        tool = np.zeros_like(state.hold_at)
        tool[:, 0] = now.p
        state.advance((distance < self.TOLERANCE) & (tilt < TILT) & ~state.disturbed, tool, self.REST)
        speed = length(now.v)[:, 0]
        terms = np.stack([1 - np.tanh(5 * distance), -0.1 * tilt, state.hold > 0, -0.05 * speed], 1)
        return terms, np.where(state.hold >= hold_steps, "success", "none")


class PickBin:
    REST, FALLEN, GOES_ALONG, RELEASE_HEIGHT = 0.002, -0.05, 0.15, 0.045
    DROPS = np.array([[-0.03, -0.035], [0.03, 0.035], [0.03, -0.035], [-0.03, 0.035]])

    def judge(self, state, now, hold_steps):
        s, wanted = state.scene, state.scene["wanted"]
        moved, in_goal = moved_parts(state, now), now.in_bin == s["bin"][:, None]
        placed = (wanted & in_goal).sum(1)
        state.disturbed |= (moved & s["present"] & ~wanted).any(1) | (placed > s["count"])
        self.note_throws(state, now)
        lies = ~(wanted & (now.touched | (~in_goal & moved))).any(1) & (placed == s["count"])
        state.advance(lies & ~state.disturbed, now.parts * wanted[:, :, None], self.REST)
        cause = np.where((now.parts[:, :, 2] < self.FALLEN) & wanted, True, False).any(1)
        cause = np.where(cause, "dropped", "none").astype("<U12")
        done = state.hold >= hold_steps
        cause[done] = np.where((state.thrown & wanted).any(1), "thrown", "success")[done]
        return self.terms(state, now, wanted, in_goal, placed), cause

    def note_throws(self, state, now):
        """From one look a step, where Genba looks at every sub-step."""
        held = now.held[:, None] == np.arange(PARTS)
        along = now.touched
        state.had |= now.touched
        state.height = np.where(along, now.parts[:, :, 2], state.height)
        state.speed = np.where(along, length(now.v), state.speed)
        rest = state.scene["half"][:, :, 2] + np.where(now.in_bin >= 0, 0.004, 0)
        flew = (state.height - rest > PLACED_HEIGHT) | (state.speed > RELEASE_SPEED)
        state.thrown = ~held & (state.thrown | (state.had & ~now.touched & flew))

    def terms(self, state, now, wanted, in_goal, placed):
        s = state.scene
        rows = np.arange(len(placed))
        left = np.where(wanted & ~in_goal, length(now.from_tcp[:, :, :2])[:, :, 0], np.inf)
        holds = (now.held >= 0) & wanted[rows, now.held]
        part = np.where(holds, now.held, np.where((placed >= s["count"]) | np.isinf(left.min(1)), -1, left.argmin(1)))
        distance = np.where(part < 0, 0, length(now.from_tcp[rows, part])[:, 0])
        to_bin = length(self.drop(s, now, in_goal) - now.p[:, :2])[:, 0]
        return np.stack(
            [
                np.where(part < 0, 1, 1 - np.tanh(5 * distance)),
                holds,
                np.where(holds, 1 - np.tanh(5 * to_bin), 0),
                2 * placed / np.maximum(1, s["count"]),
                3 * (state.hold > 0),
                -1 * state.disturbed,
                -0.05 * length(now.v)[:, 0],
            ],
            1,
        )

    def drop(self, s, now, in_goal):
        rows = np.arange(len(now.p))
        inside = (in_goal & s["present"] & (now.held[:, None] != np.arange(PARTS))).sum(1)
        place = np.where(s["count"][:, None] > 1, self.DROPS[np.minimum(inside, 3)], 0)
        turn = s["bin_turn"][rows, s["bin"]]
        turned = np.stack(
            [turn[:, 0] * place[:, 0] - turn[:, 1] * place[:, 1], turn[:, 1] * place[:, 0] + turn[:, 0] * place[:, 1]],
            1,
        )
        return s["bin_centre"][rows, s["bin"], :2] + turned


TASKS = {"reach": Reach, "pick_bin": PickBin}
