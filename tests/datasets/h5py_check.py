#!/usr/bin/env python3
"""h5py_check.py DATA_DIR INFO_JSON: another reader's view of a data set.

Opens every shard with h5py and compares fields, shapes, types and counts with what `genba data info DATA_DIR --json
INFO_JSON` said. Prints each difference; exit code 1 when there is any.
"""
import collections
import json
import pathlib
import sys

import h5py

differences = []


def expect(what, expected, got):
    if expected != got:
        differences.append(f"{what}: info says {expected}, h5py sees {got}")


def text(attribute):
    return attribute.decode() if isinstance(attribute, bytes) else str(attribute)


def array_names(group):
    names = []
    group.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return set(names)


def check_array(demo, field, shape):
    array = demo.get(field["name"])
    where = f"{demo.file.filename} {demo.name}/{field['name']}"
    if array is None:
        differences.append(f"{where}: missing")
        return
    expect(where + " shape", shape, list(array.shape))
    expect(where + " dtype", field["dtype"], str(array.dtype))
    array[()]  # reads everything, checksums included
    expect(where + " unit", field["unit"], text(array.attrs["unit"]))
    if not text(array.attrs["meaning"]):
        differences.append(f"{where}: no meaning")


def check_robomimic(demo):
    """What robomimic's reader and the usual value learners ask for."""
    where = f"{demo.file.filename} {demo.name}"
    ends = demo["terminated"][()] | demo["truncated"][()]
    expect(where + " dones", ends.tolist(), demo["dones"][()].tolist())
    expect(where + " ends once", [0] * (len(ends) - 1) + [1], ends.tolist())
    if demo["terminated"][-1] == demo["truncated"][-1]:
        differences.append(f"{where}: terminated and truncated say the same")
    for name in demo["obs"]:  # next_obs: the rows from the second on, then obs_last
        expect(f"{where} obs_last/{name}", demo["obs"][name].shape[1:], demo["obs_last"][name].shape)


def check_demo(demo, info, seen):
    steps = int(demo.attrs["num_samples"])
    for field in info["fields"]:
        check_array(demo, field, [steps] + field["shape"])
    for field in info["episode_fields"]:
        check_array(demo, field, field["shape"])
    known = {field["name"] for field in info["fields"] + info["episode_fields"]} | {"plan", "cell"}
    expect(f"{demo.file.filename} {demo.name} arrays", sorted(known), sorted(array_names(demo)))
    if f"models/{int(demo.attrs['model'])}" not in demo.file:
        differences.append(f"{demo.file.filename} {demo.name}: its model is missing")
    json.loads(bytes(demo["plan"][()]) or b"{}")
    json.loads(bytes(demo["cell"][()]) or b"{}")
    seen["steps"] += steps
    seen["episodes"] += 1
    seen["success"] += int(demo.attrs["success"])
    seen["task " + text(demo.attrs["task"])] += 1
    seen["language " + text(demo.attrs["language"])] += 1


def check_shard(path, shard, info, seen):
    with h5py.File(path, "r") as file:
        expect(f"{path} schema_version", info["schema_version"], int(file.attrs["schema_version"]))
        expect(f"{path} engine_version", info["engine_version"], text(file.attrs["engine_version"]))
        expect(f"{path} episodes", shard["episodes"], len(file["data"]))
        expect(f"{path} steps", shard["steps"], int(file["data"].attrs["total"]))
        env_args = json.loads(text(file["data"].attrs["env_args"]))
        expect(f"{path} env_args.type", 2, env_args["type"])
        expect(f"{path} env_args", {"env_name", "type", "env_version", "env_kwargs"}, set(env_args))
        train, valid = (set(file["mask"][name][()]) for name in ("train", "valid"))
        expect(f"{path} train and valid", set(), train & valid)
        expect(f"{path} train or valid", {name.encode() for name in file["data"]}, train | valid)
        successes = [name for name in file["data"] if file["data"][name].attrs["success"]]
        expect(f"{path} mask/success", sorted(successes), sorted(name.decode() for name in file["mask/success"][()]))
        for name in file["data"]:
            check_demo(file["data"][name], info, seen)
            check_robomimic(file["data"][name])


def main(folder, info_file):
    info = json.loads(pathlib.Path(info_file).read_text())
    seen = collections.Counter()
    for shard in info["shards"]:
        check_shard(pathlib.Path(folder) / shard["file"], shard, info, seen)
    expect("episodes", info["episodes"], seen["episodes"])
    expect("steps", info["steps"], seen["steps"])
    expect("success_rate", round(info["success_rate"], 12), round(seen["success"] / max(seen["episodes"], 1), 12))
    for kind, counts in (("task", info["tasks"]), ("language", info["languages"])):
        for name, count in counts.items():
            expect(f"{kind} {name}", count, seen[f"{kind} {name}"])
    for difference in differences:
        print(difference)
    print(f"{folder}: {seen['episodes']} episodes, {seen['steps']} steps, {len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
