"""What tests/bench/cell_export wrote: scenes as text for MuJoCo with what their task asks for, and Genba's own trace.

What never changes during an episode is in arrays here, one row a scene, so that an environment copies a row.
"""

import json
import pathlib

import mujoco
import numpy as np

PROPRIO, PARTS, PART, PLACES, PLACE, JOINTS = 29, 8, 24, 6, 16, 6
COLOURS, SHAPES = 6, 3
FLOOR = 0.004  # of a bin
# Forces as MuJoCo's own contact sensors report them: of all that touches a finger, the tool, the whole robot; and
# which parts the robot touches. Genba sums pairs of bodies instead.
NETS = {"finger_left": "body1", "finger_right": "body1", "gripper": "subtree1", "shoulder": "subtree1"}
SENSORS = "".join(
    [f'<contact {NETS[name]}="{name}" data="force" reduce="netforce"/>' for name in NETS]
    + [f'<contact subtree1="shoulder" body2="part{i}" data="found" num="1"/>' for i in range(PARTS)]
)


class Cell:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        told = json.loads((self.folder / "cell.json").read_text())
        self.task, self.spec, self.controller = told["task"], told["spec"], told["controller"]
        self.hold_steps, self.worlds, self.steps = told["hold_steps"], told["worlds"], told["steps"]
        self.substeps = self.spec["substeps"]
        self.scenes = told["scenes"]
        self.parsed = {}
        self.constants = stack([constants(scene) for scene in self.scenes])

    def __len__(self):
        return len(self.scenes)

    def prepare(self, scenes, sleep):
        """Parses their texts, which favours whoever compiles them later: to draw a scene and to build its description,
        as Genba does at every reset, then costs nothing."""
        for scene in scenes:
            self.parsed[scene] = self.parse(scene, sleep)

    def parse(self, scene, sleep):
        spec = mujoco.MjSpec.from_string(
            self.scenes[scene]["mjcf"].replace("</mujoco>", f"<sensor>{SENSORS}</sensor></mujoco>")
        )
        flag = int(mujoco.mjtEnableBit.mjENBL_SLEEP)
        spec.option.enableflags = spec.option.enableflags | flag if sleep else spec.option.enableflags & ~flag
        return spec

    def compile(self, scene):
        """A newly compiled model of a prepared scene."""
        return self.parsed[scene].compile()

    def array(self, name, dtype, rows):
        values = np.fromfile(self.folder / name, dtype=dtype)
        return values.reshape(rows, self.worlds, -1)


class Ids:
    """Where robot and parts are in qpos, qvel and ctrl; the same for all scenes of a cell."""

    def __init__(self, m):
        arm = [m.joint(m.actuator(i).name) for i in range(JOINTS)]
        fingers = [m.joint("finger_left"), m.joint("finger_right")]
        parts = [m.joint(f"part{i}_free") for i in range(PARTS)]
        self.arm_qpos = np.array([j.qposadr[0] for j in arm])
        self.arm_dof = np.array([j.dofadr[0] for j in arm])
        self.fingers = np.array([j.qposadr[0] for j in fingers])
        self.parts = np.array([np.arange(7) + j.qposadr[0] for j in parts])
        self.arm_names = [j.name for j in arm]
        self.tcp = m.site("tcp").id
        self.gripper = m.actuator("gripper").id


def bin_place(bins, i):
    """Left, middle or right of the row: 0, 1, 2."""
    rank = sum(np.sign(bins[i]["centre"][1] - other["centre"][1]) for other in bins)
    return 0 if rank > 0 else 1 if rank == 0 else 2


def constants(scene):
    row = {
        "present": np.zeros(PARTS, bool),
        "half": np.zeros((PARTS, 3)),
        "grasp_width": np.ones(PARTS),
        "obs": np.zeros(PROPRIO + PARTS * PART + PLACES * PLACE, np.float32),
    }
    parts, places = (
        row["obs"][PROPRIO : PROPRIO + PARTS * PART].reshape(PARTS, PART),
        row["obs"][PROPRIO + PARTS * PART :].reshape(PLACES, PLACE),
    )
    for i, part in enumerate(scene["parts"]):
        row["present"][i], row["half"][i], row["grasp_width"][i] = part["present"], part["half"], part["grasp_width"]
        if part["present"]:
            parts[i, 0], parts[i, 10:13] = 1, part["half"]
            parts[i, 13 + part["colour"]] = parts[i, 13 + COLOURS + part["shape"]] = 1
    bins = scene["bins"]
    row |= {
        "bin_present": np.zeros(PLACES, bool),
        "bin_centre": np.zeros((PLACES, 3)),
        "bin_turn": np.zeros((PLACES, 2)),
        "bin_half": np.full((PLACES, 2), -1.0),
        "bin_height": np.zeros(PLACES),
    }
    for i, b in enumerate(bins):
        turn = np.array([np.cos(b["yaw"]), np.sin(b["yaw"])])
        row["bin_present"][i], row["bin_centre"][i], row["bin_turn"][i] = True, [*b["centre"], FLOOR], turn
        row["bin_half"][i], row["bin_height"][i] = b["half"], b["height"]
        places[i, 0], places[i, 1:4], places[i, 7:9], places[i, 9:11], places[i, 11] = (
            1,
            [*b["centre"], FLOOR],
            turn,
            b["half"],
            b["height"],
        )
        places[i, 12 + bin_place(bins, i)] = 1
    row["wanted"] = np.array(scene["wanted"][:PARTS], bool)
    row["wanted_slots"] = np.array(scene["wanted"], np.float32)
    row["count"], row["bin"], row["horizon"] = (
        np.int64(scene["count"]),
        np.int64(scene["bin"]),
        np.int64(scene["horizon"]),
    )
    return row


def stack(rows):
    return {key: np.stack([row[key] for row in rows]) for key in rows[0]}
