"""Cartesian control as sim/cartesian_control.cc does it, for N robots at once: actions to every sub-step's controls."""

import math

import mujoco
import numpy as np

from cell import JOINTS


def length(v):
    return np.sqrt((v * v).sum(-1, keepdims=True))


def clamp_length(v, longest):
    return v * np.minimum(1, longest / np.maximum(length(v), 1e-300))


def cross_matrix(v):
    out = np.zeros((*v.shape, 3))
    out[..., 0, 1], out[..., 0, 2], out[..., 1, 2] = -v[..., 2], v[..., 1], -v[..., 0]
    return out - out.swapaxes(-1, -2)


def rotation(v):
    """Of rotation vectors [N, 3]."""
    angle = np.maximum(length(v), 1e-12)
    k = cross_matrix(v / angle)
    angle = angle[..., None]
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * (k @ k)


def rotation_vector(r):
    """Its inverse, below half a turn."""
    axis = np.stack([r[:, 2, 1] - r[:, 1, 2], r[:, 0, 2] - r[:, 2, 0], r[:, 1, 0] - r[:, 0, 1]], 1) / 2
    sine = length(axis)
    angle = np.arctan2(sine[:, 0], (np.trace(r, axis1=1, axis2=2) - 1) / 2)[:, None]
    return axis * np.where(sine > 1e-12, angle / np.maximum(sine, 1e-300), 1)


def from_quaternion(q):
    w, x, y, z = q.T
    rows = [
        1 - 2 * (y * y + z * z),
        2 * (x * y - w * z),
        2 * (x * z + w * y),
        2 * (x * y + w * z),
        1 - 2 * (x * x + z * z),
        2 * (y * z - w * x),
        2 * (x * z - w * y),
        2 * (y * z + w * x),
        1 - 2 * (x * x + y * y),
    ]
    return np.stack(rows, 1).reshape(-1, 3, 3)


class NumpyChain:
    """Forward kinematics and Jacobian of the arm for q [N, 6]: (p [N, 3], R [N, 3, 3], J [N, 6, 6])."""

    def __init__(self, m, ids):
        joints = [m.joint(name) for name in ids.arm_names]
        bodies = [m.body(int(j.bodyid[0])) for j in joints]
        self.at = [b.pos.copy() for b in bodies]
        self.zero = m.qpos0[ids.arm_qpos]
        still = from_quaternion(np.array([b.quat for b in bodies]))
        axes = np.array([j.axis for j in joints])
        k = cross_matrix(axes)
        self.still, self.sine, self.versine = still, still @ k, still @ k @ k
        self.axes = (still @ axes[:, :, None])[:, :, 0]
        d = mujoco.MjData(m)
        mujoco.mj_kinematics(m, d)
        wrist = bodies[-1].id
        r_wrist = d.xmat[wrist].reshape(3, 3)
        self.tool = r_wrist.T @ (d.site_xpos[ids.tcp] - d.xpos[wrist])
        self.tool_turn = r_wrist.T @ d.site_xmat[ids.tcp].reshape(3, 3)

    def __call__(self, q):
        angle = (q - self.zero)[:, :, None, None]
        local = self.still + np.sin(angle) * self.sine + (1 - np.cos(angle)) * self.versine
        r, p = np.broadcast_to(np.eye(3), (len(q), 3, 3)), np.zeros((len(q), 3))
        origin, axis = np.empty((len(q), JOINTS, 3)), np.empty((len(q), JOINTS, 3))
        for j in range(JOINTS):
            p = p + r @ self.at[j]
            origin[:, j], axis[:, j] = p, r @ self.axes[j]
            r = r @ local[:, j]
        p = p + r @ self.tool
        return p, r @ self.tool_turn, np.concatenate([np.cross(axis, p[:, None] - origin), axis], 2).swapaxes(1, 2)


class EngineChain:
    """The same through MuJoCo's C functions, for one robot: what whoever writes lean Python does."""

    def __init__(self, m, ids):
        self.m, self.d, self.ids = m, mujoco.MjData(m), ids
        self.jacobian = np.zeros((6, m.nv))

    def __call__(self, q):
        m, d = self.m, self.d
        d.qpos[self.ids.arm_qpos] = q[0]
        mujoco.mj_kinematics(m, d)
        mujoco.mj_comPos(m, d)
        mujoco.mj_jacSite(m, d, self.jacobian[:3], self.jacobian[3:], self.ids.tcp)
        tcp = self.ids.tcp
        return (
            d.site_xpos[tcp].copy()[None],
            d.site_xmat[tcp].reshape(1, 3, 3).copy(),
            self.jacobian[None, :, self.ids.arm_dof],
        )


class NumpyMaths:
    """Rotations of N robots, and a small linear system of each."""

    rotation = staticmethod(rotation)
    rotation_vector = staticmethod(rotation_vector)

    @staticmethod
    def solve(a, b):
        return np.linalg.solve(a, b[:, :, None])


class EngineMaths:
    """The same through MuJoCo's C functions, for one robot."""

    @staticmethod
    def rotation(v):
        v, q, r = v[0], np.empty(4), np.empty(9)
        angle = math.sqrt(v @ v)
        mujoco.mju_axisAngle2Quat(q, v / max(angle, 1e-12), angle)
        mujoco.mju_quat2Mat(r, q)
        return r.reshape(1, 3, 3)

    @staticmethod
    def rotation_vector(r):
        q, v = np.empty(4), np.empty(3)
        mujoco.mju_mat2Quat(q, r[0].ravel())
        mujoco.mju_quat2Vel(v, q, 1)
        return v[None]

    @staticmethod
    def solve(a, b):
        factor, x = a[0].copy(), np.empty(6)
        mujoco.mju_cholFactor(factor, 1e-15)
        mujoco.mju_cholSolve(x, factor, b[0])
        return x[None, :, None]


class Controller:
    """State: target p [N, 3], R [N, 3, 3], commanded joints q and their speed dq a period, opening; *_from: before."""

    def __init__(self, config, m, ids, chain, worlds, substeps):
        self.c, self.ids, self.chain = config, ids, chain
        self.maths = EngineMaths if isinstance(chain, EngineChain) else NumpyMaths
        ranges = np.array([m.joint(name).range for name in ids.arm_names])
        self.most = config["max_joint_acceleration"] * config["period"] ** 2
        self.fastest = config["max_joint_speed"] * config["period"]
        stop = config["joint_margin"] + self.most / 16
        self.low_q, self.high_q = ranges[:, 0] + stop, ranges[:, 1] - stop
        self.low, self.high = np.array(config["low"]), np.array(config["high"])
        self.along = ((np.arange(substeps) + 1) / substeps)[:, None]
        self.damp = config["damping"] ** 2 * np.eye(6)
        self.p, self.r = np.zeros((worlds, 3)), np.zeros((worlds, 3, 3))
        self.q, self.dq, self.q_from, self.dq_from = (np.zeros((worlds, JOINTS)) for _ in range(4))
        self.opening, self.opening_from = np.zeros(worlds), np.zeros(worlds)
        self.ctrl = np.zeros((worlds, substeps, m.nu))

    def reset(self, ids, q, opening, p, r):
        self.q[ids], self.q_from[ids], self.dq[ids], self.dq_from[ids] = q, q, 0, 0
        self.opening[ids] = self.opening_from[ids] = opening
        self.p[ids], self.r[ids] = p, r

    def set(self, state):
        """From Genba's ControllerState, [N, 33]."""
        self.p, self.r = state[:, :3].copy(), from_quaternion(state[:, 3:7])
        self.opening, self.opening_from = state[:, 7].copy(), state[:, 8].copy()
        self.q, self.q_from, self.dq, self.dq_from = (state[:, i : i + JOINTS].copy() for i in range(9, 33, JOINTS))

    def commanded(self):
        return self.p, self.r, self.dq / self.c["period"], self.opening

    def command(self, action, opening, p, r):
        """Controls [N, substeps, nu] for actions [N, 7], with the fingers opening apart and the tool at p, r."""
        c = self.c
        action = np.clip(action.astype(np.float64), -1, 1)
        self.q_from, self.dq_from, self.opening_from = self.q, self.dq, self.opening
        target = self.p + action[:, :3] * c["max_translation"]
        self.p = np.clip(p + clamp_length(target - p, c["lead_translation"]), self.low, self.high)
        ahead = self.maths.rotation_vector(
            self.maths.rotation(action[:, 3:6] * c["max_rotation"]) @ self.r @ r.swapaxes(1, 2)
        )
        self.r = self.maths.rotation(clamp_length(ahead, c["lead_rotation"])) @ r
        self.limit(self.solve())
        wanted = (action[:, 6] + 1) / 2 * c["opening"]
        most, lead = c["max_finger_speed"] * c["period"], c["lead_opening"]
        self.opening = np.clip(
            self.opening + np.clip(wanted - self.opening, -most, most), opening - lead, opening + lead
        )
        return self.servo()

    def solve(self):
        q = self.q
        for _ in range(self.c["iterations"]):
            p, r, j = self.chain(q)
            error = np.concatenate([self.p - p, self.maths.rotation_vector(self.r @ r.swapaxes(1, 2))], 1)
            jt = j.swapaxes(1, 2)
            q = q + (jt @ self.maths.solve(j @ jt + self.damp, error))[:, :, 0]
        return q

    def limit(self, wanted):
        most, fastest = self.most, self.fastest
        left = np.clip(wanted, self.low_q, self.high_q) - self.q
        left *= 1.5 * fastest / np.maximum(1.5 * fastest, np.abs(left).max(1, keepdims=True))
        room = left - self.dq / 2
        size = np.abs(room)
        speed = np.where(size <= most, size, (np.sqrt(most * most + 8 * most * size) - most) / 2)
        dq = np.clip(np.clip(np.copysign(speed, room), self.dq - most, self.dq + most), -fastest, fastest)
        self.q, self.dq = self.q + (self.dq_from + dq) / 2, dq

    def servo(self):
        a = self.along
        self.ctrl[:, :, :JOINTS] = self.q_from[:, None] + a * (
            self.dq_from[:, None] + a * (self.dq - self.dq_from)[:, None] / 2
        )
        self.ctrl[:, :, self.ids.gripper] = (
            self.opening_from[:, None] + a[:, 0] * (self.opening - self.opening_from)[:, None]
        )
        return self.ctrl
