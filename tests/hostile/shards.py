#!/usr/bin/env python3
"""GENBA=build/release/cli/genba shards.py [NAME…]: HDF5 files, and manifests, that lie about what they hold."""
import os
import zlib

import h5py
import numpy as np

from lib import FOLDER, SHARD, demo, edited, fresh, judge, mend, with_manifest

OUTSIDE = FOLDER / "outside.h5"
with h5py.File(OUTSIDE, "w") as f:
    f["x"] = np.arange(5)
cases = {}


def shard(name, change):
    cases[name] = lambda: edited(name, change)


def raw(name, change, mended=True):
    def make():
        folder = fresh(name)
        change(folder / SHARD)
        if mended:
            mend(folder)
        return folder
    cases[name] = make


def manifest(name, change):
    cases[name] = lambda: with_manifest(name, change)


def link(path, target):
    def change(f):
        group, name = path.rsplit("/", 1)
        del f[path]
        f[group][name] = target
    return change


def array(name, make):
    """Replaces an array of the first demo by what make(group, old values) creates."""
    def change(f):
        group = demo(f)
        values = group[name][()]
        del group[name]
        make(group, values)
    return change


def attribute(name, value):
    def change(f):
        del demo(f).attrs[name]
        demo(f).attrs.create(name, value)
    return change


def root_attribute(name, value):
    def change(f):
        del f.attrs[name]
        f.attrs.create(name, value)
    return change


# Links, and data that lie elsewhere.
shard("link_external_group", link("data/demo_0", h5py.ExternalLink(str(OUTSIDE), "/x")))
shard("link_external_array", link("data/demo_0/actions", h5py.ExternalLink(str(OUTSIDE), "/x")))
shard("link_soft", link("data/demo_0/actions", h5py.SoftLink("/data/demo_1/actions")))
shard("link_soft_loop", lambda f: (link("data/demo_0/actions", h5py.SoftLink("/data/demo_0/a2"))(f),
                                   demo(f).__setitem__("a2", h5py.SoftLink("/data/demo_0/actions"))))
shard("link_cycle", lambda f: link("data/demo_0/obs", f["data"])(f))
shard("links_20000", lambda f: [f["data"].__setitem__(f"x{i}", h5py.SoftLink("/q")) for i in range(20000)])
shard("storage_external", array("plan", lambda g, v: g.create_dataset(
    "plan", shape=(1000,), dtype="u1", external=[("/etc/passwd", 0, 1000)])))


def virtual(group, values):
    layout = h5py.VirtualLayout(shape=values.shape, dtype="f4")
    layout[:, :] = h5py.VirtualSource(str(OUTSIDE), "x", shape=values.shape)
    group.create_virtual_dataset("actions", layout)


shard("storage_virtual", array("actions", virtual))

# Sizes that nobody stored.
shard("shape_sparse", array("states", lambda g, v: g.create_dataset("states", shape=v.shape, dtype="f8", chunks=v.shape)))
shard("shape_huge", array("states", lambda g, v: g.create_dataset(
    "states", shape=(1 << 40, v.shape[1]), dtype="f8", chunks=(1024, v.shape[1]))))
for count in (-1, 0, 1 << 20, (1 << 32) + 2, (1 << 63) - 1):
    shard(f"steps_{count}", lambda f, count=count: demo(f).attrs.modify("num_samples", np.int64(count)))


def chunk_bomb(gigabytes, whole_chunk):
    """A chunk far larger than its array, or one of the right size whose deflated bytes never end."""
    def make(group, values):
        total = (gigabytes << 30) - 4
        chunk = total // 4 if whole_chunk else len(values)
        space = h5py.h5s.create_simple((len(values),), (h5py.h5s.UNLIMITED,))
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((chunk,))
        properties.set_deflate(1)
        dataset = h5py.h5d.create(group.id, b"rewards", h5py.h5t.IEEE_F32LE, space, properties)
        packer, packed, block = zlib.compressobj(1), [], b"\0" * (1 << 24)
        for left in range(total, 0, -len(block)):
            packed.append(packer.compress(block[:left]))
        dataset.write_direct_chunk((0,), b"".join(packed + [packer.flush()]))
    return array("rewards", make)


shard("bomb_chunk_1GB", chunk_bomb(1, True))
shard("bomb_chunk_4GB", chunk_bomb(4, True))
shard("bomb_deflate_2GB", chunk_bomb(2, False))

# Types and shapes.
for kind in ("f8", ">f4", "f2", "i4"):
    shard(f"type_{kind.strip('>')}{'_big' if '>' in kind else ''}",
          array("actions", lambda g, v, kind=kind: g.create_dataset("actions", data=v.astype(kind))))
shard("type_events", array("events", lambda g, v: g.create_dataset("events", data=v.astype("i8"))))
shard("type_compound", array("actions", lambda g, v: g.create_dataset("actions", data=np.zeros(v.shape, [("a", "f4")]))))
shard("type_text_vlen", array("plan", lambda g, v: g.create_dataset("plan", data=["{}"], dtype=h5py.string_dtype())))
shard("type_attribute_vlen", lambda f: (demo(f).attrs.__delitem__("text"), demo(f).attrs.__setitem__("text", "vlen")))
shard("type_attribute_array", attribute("seed", np.zeros(5, "u8")))
shard("type_committed", lambda f: (f.__setitem__("t", np.dtype("f4")), array("rewards", lambda g, v: g.create_dataset(
    "rewards", data=np.zeros_like(v), dtype=f["t"]))(f)))
shard("space_null", array("actions", lambda g, v: g.create_dataset("actions", data=h5py.Empty("f4"))))
shard("space_scalar", array("actions", lambda g, v: g.create_dataset("actions", data=np.float32(1))))
shard("filter_lzf", array("actions", lambda g, v: g.create_dataset("actions", data=v, compression="lzf")))
shard("filter_scaleoffset", array("actions", lambda g, v: g.create_dataset("actions", data=v, scaleoffset=2)))


def unknown_filter(group, values):
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk(values.shape)
    properties.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (1,))
    h5py.h5d.create(group.id, b"actions", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(values.shape), properties)


shard("filter_unknown", array("actions", unknown_filter))


def nested(f):
    group = f["data/demo_0/obs"]
    for _ in range(3000):
        group = group.create_group("g")


shard("groups_3000_deep", nested)

# Values.
shard("value_nan", lambda f: f["data/demo_0/obs/proprio"].__setitem__((3, 2), np.nan))
shard("value_reward", lambda f: demo(f)["rewards"].__setitem__(3, 9))
shard("value_measure", lambda f: demo(f)["measures"].__setitem__((3, 0), 9))
shard("value_events", lambda f: demo(f)["events"].__setitem__(3, 99))
shard("value_label", lambda f: demo(f)["expert_actions"].__setitem__((3, 0), 0.9))
shard("value_terminated", lambda f: demo(f)["terminated"].__setitem__(3, 1))
shard("value_ctrl", lambda f: demo(f)["ctrl"].__setitem__((3, 0), 0.5))
shard("value_wanted", lambda f: demo(f)["wanted"].__setitem__(slice(None), 1))
shard("value_last_obs", lambda f: f["data/demo_0/obs_last/proprio"].__setitem__(0, 0.5))
shard("attribute_success", lambda f: demo(f).attrs.modify("success", np.uint8(1 - demo(f).attrs["success"])))
shard("attribute_success_7", lambda f: demo(f).attrs.modify("success", np.uint8(7)))
for key, value in {
        "index": np.uint64(7), "seed": np.uint64(77), "model": np.int64(-1), "model_hash": np.uint64(5),
        "task": np.bytes_(b"reach"), "text": np.bytes_(b"pick the red gear"), "language": np.bytes_(b"xx"),
        "order": np.bytes_(b"pick(one red gear -> left bin)"), "fault": np.bytes_(b"bad_state"),
        "cause": np.bytes_(b"timeout"), "split": np.bytes_(b"taught"), "policy": np.bytes_(b"random")}.items():
    shard("attribute_" + key, attribute(key, value))
shard("attribute_model_far", attribute("model", np.int64(1 << 62)))
shard("attribute_task_path", attribute("task", np.bytes_(b"../../etc")))
shard("attribute_text_60kB", attribute("text", np.bytes_(b"a" * 60000)))
shard("attribute_no_utf8", attribute("text", np.bytes_(b"pick \xff\xfe")))
shard("attribute_escape", attribute("text", np.bytes_(b"\x1b]0;pwned\x07\x1b[2Jred")))
shard("root_physics_2_32", lambda f: f.attrs.modify("physics_size", np.int64((1 << 32) + int(f.attrs["physics_size"]))))
shard("root_spec_no_json", root_attribute("env_spec", np.bytes_(b"{")))
shard("root_spec_deep", root_attribute("env_spec", np.bytes_(b"[" * 30000 + b"]" * 30000)))

# The file itself.
raw("file_user_block", lambda p: p.write_bytes(b"\0" * 512 + p.read_bytes()))
raw("file_at_1MB", lambda p: p.write_bytes(b"\0" * (1 << 20) + p.read_bytes()))
raw("file_longer", lambda p: p.write_bytes(p.read_bytes() + b"\0" * 4096))
raw("file_empty", lambda p: p.write_bytes(b""))
raw("file_half", lambda p: os.truncate(p, p.stat().st_size // 2))
raw("file_symlink", lambda p: (p.rename(FOLDER / "moved.h5"), p.symlink_to(FOLDER / "moved.h5")), mended=False)
raw("file_fifo", lambda p: (p.unlink(), os.mkfifo(p)), mended=False)
raw("file_folder", lambda p: (p.unlink(), p.mkdir()), mended=False)
raw("file_dev_zero", lambda p: (p.unlink(), p.symlink_to("/dev/zero")), mended=False)
raw("file_4GB", lambda p: os.truncate(p, (4 << 30) - 1), mended=False)
raw("file_100GB", lambda p: os.truncate(p, 100 << 30), mended=False)


def old_format(path):
    copy = path.with_suffix(".old")
    path.rename(copy)
    with h5py.File(copy) as a, h5py.File(path, "w", libver="earliest") as b:
        for name in a:
            a.copy(name, b)
        for name, value in a.attrs.items():
            b.attrs.create(name, value)
    copy.unlink()


def old_object(path):
    with h5py.File(path, "r+", libver="earliest") as f:
        array("rewards", lambda g, v: g.create_dataset("rewards", data=v))(f)


raw("file_old_format", old_format)
raw("file_old_object", old_object)

# The manifest.
manifest("manifest_count_2_32", lambda m: m["shards"][0].update(episodes=(1 << 32) + 2))
manifest("manifest_count_fraction", lambda m: m["shards"][0].update(episodes=2.7))
manifest("manifest_steps_negative", lambda m: m["shards"][0].update(steps=-1))
manifest("manifest_other_file", lambda m: m["shards"][0].update(file="../sound/" + SHARD))
manifest("manifest_100GB", lambda m: m["shards"][0].update(bytes=100 << 30))
manifest("manifest_widths", lambda m: m.update(physics_size=m["physics_size"] + 1))
manifest("manifest_columns", lambda m: m.update(state_size=(1 << 31) - 1))
manifest("manifest_horizon", lambda m: m["env_spec"].update(horizon=7))
manifest("manifest_builder", lambda m: m.update(builder_version=99))
manifest("manifest_schema_1", lambda m: m.update(schema_version=1))
manifest("manifest_shards_far", lambda m: m["shards"][0].update(file="shard-99999999999999.h5"))


def commands(name, folder):
    return [("verify", ["data", "verify", folder], False),
            ("info", ["data", "info", folder, "--json", FOLDER / "info.json"], False),
            ("replay", ["replay", folder, "--threads", "1"], name not in ("links_20000", "groups_3000_deep"))]


if __name__ == "__main__":
    judge(cases, commands)
