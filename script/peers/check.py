"""Whether a peer does the work that Genba does: from each state of Genba's trace, with its controller's state, the same
action must lead to the same controls, qpos, observation, reward terms and end. Compared before anything is timed."""

import numpy as np

from cell import JOINTS

# The text of a scene has six digits of a number. What lies on edges or rims is tilted by some micrometres when
# another of its contact points is found first.
QPOS, TURN = 1e-5, 1e-3  # [m, rad], [1, of the parts' quaternions]; in 99 of 100 world-steps
CTRL, OBS, TERMS = 1e-5, 1e-3, 1e-3  # [rad] at every step; in 99 of 100
FORCES = slice(26, 28)  # of the fingers: MuJoCo's sensors give net forces, Genba sums normal forces on parts


def trace(cell, worlds):
    rows = {
        name: cell.array(
            f"{name}.{kind}",
            {"f64": "<f8", "f32": "<f4", "i32": "<i4"}[kind],
            cell.steps + (name in ("state", "controller", "obs", "episode")),
        )
        for name, kind in (
            ("actions", "f32"),
            ("state", "f64"),
            ("controller", "f64"),
            ("obs", "f32"),
            ("episode", "i32"),
            ("terms", "f32"),
            ("cause", "i32"),
        )
    }
    rows["episode"], rows["cause"] = rows["episode"][..., 0], rows["cause"][..., 0]
    return {name: values[:, :worlds] for name, values in rows.items()}


def put(worlds, rows, step, at):
    """Genba's state before `step`: physics of everybody, the controller's where the episode did not just begin."""
    worlds.physics.put(rows["state"][step])
    worlds.tcp = worlds.chain(worlds.physics.qpos[:, worlds.ids.arm_qpos])
    goes_on = np.flatnonzero(at)
    if len(goes_on):
        kept = {
            name: getattr(worlds.controller, name).copy()
            for name in ("p", "r", "q", "dq", "q_from", "dq_from", "opening", "opening_from")
        }
        worlds.controller.set(rows["controller"][step])
        for name, values in kept.items():
            getattr(worlds.controller, name)[~at] = values[~at]


def compare(cell, worlds):
    """worlds has at most as many as the trace. The differences, by what they are of."""
    rows = trace(cell, worlds.n)
    everybody = np.arange(worlds.n)
    obs = worlds.begin(everybody, rows["episode"][0])
    found = {
        "reset obs": np.abs(obs - rows["obs"][0]).max(),
        "ctrl": 0,
        "qpos": [],
        "turn": [],
        "obs": [],
        "terms": [],
        "cause": 0,
        "world_steps": 0,
    }
    goes_on = np.zeros(worlds.n, bool)
    causes = np.array([*cell.spec["terminations"], "timeout"])
    for step in range(cell.steps):
        put(worlds, rows, step, goes_on)
        obs, terms, cause, truncated = worlds.step(rows["actions"][step])
        wanted = causes[rows["cause"][step]]
        goes_on = rows["cause"][step] == 0
        after = rows["state"][step + 1][:, 1 : 1 + worlds.physics.qpos.shape[1]]
        apart = np.abs(obs - rows["obs"][step + 1])
        apart[:, FORCES] = 0
        mine = rows["controller"][step + 1][:, 9 : 9 + JOINTS]
        found["ctrl"] = max(found["ctrl"], np.abs(worlds.controller.q - mine).max())
        moved = np.abs(worlds.physics.qpos - after)[goes_on]
        turns = worlds.ids.parts[:, 3:].ravel()
        found["turn"].append(moved[:, turns].max(1))
        found["qpos"].append(np.delete(moved, turns, 1).max(1))
        found["obs"].append(apart.max(1)[goes_on])
        found["terms"].append(np.abs(terms - rows["terms"][step]).max(1)[goes_on])
        found["cause"] += int((np.where(truncated, "timeout", cause) != wanted).sum())
        found["world_steps"] += worlds.n
        ended = np.flatnonzero(~goes_on)
        if len(ended):
            worlds.begin(ended, rows["episode"][step + 1][ended])
    return summary(found)


def summary(found):
    out = {key: float(found[key]) for key in ("reset obs", "ctrl", "cause", "world_steps")}
    for key in ("qpos", "turn", "obs", "terms"):
        values = np.concatenate(found[key])
        out[key] = {
            "p50": float(np.median(values)),
            "p99": float(np.quantile(values, 0.99)),
            "most": float(values.max()),
        }
    out["tolerance"] = {"ctrl": CTRL, "qpos": QPOS, "turn": TURN, "obs": OBS, "terms": TERMS}
    near = out["ctrl"] < CTRL and all(
        out[key]["p99"] < out["tolerance"][key] for key in ("qpos", "turn", "obs", "terms")
    )
    out["same_work"] = bool(near and out["cause"] <= 0.01 * out["world_steps"])
    return out
