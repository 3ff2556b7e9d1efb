#!/usr/bin/env python3
"""GENBA=build/release/cli/genba plans.py [NAME…]: plans and cells that are not what a task can play."""
import json
import math

from lib import FOLDER, demo, edited, judge, put_text

cases = {}


def case(name, change):
    cases[name] = lambda: edited(name, change)


def document(key, change):
    """change edits the parsed document, or returns what shall stand there instead."""
    def edit(file):
        parsed = json.loads(bytes(demo(file)[key][:]))
        returned = change(parsed)
        put_text(demo(file), key, returned if isinstance(returned, (str, bytes)) else json.dumps(parsed))
    return edit


def plan(name, change):
    case("plan_" + name, document("plan", change))


def cell(name, change):
    case("cell_" + name, document("cell", change))


def bins(c):
    return [fixture for fixture in c["fixtures"] if fixture["kind"] == "bin"]


def many_bins(c, count, first):
    extra = [dict(bins(c)[0], p=[bins(c)[0]["p"][0], -1 - 0.1 * i, 0]) for i in range(count - 3)]
    c["fixtures"] = extra + c["fixtures"] if first else c["fixtures"] + extra


def deep(n):
    return "[" * n + "]" * n


part = {"colour": "purple", "shape": "nut"}
plan("64_parts", lambda p: p.update(parts=[part] * 64))
plan("100000_parts", lambda p: p.update(parts=[part] * 100000))
plan("parts_of_others", lambda p: p.update(parts=p["parts"][1:]))
plan("no_parts", lambda p: p.update(parts=[]))
plan("part_unknown", lambda p: p.update(parts=[{"colour": "pink", "shape": "nut"}]))
plan("part_numbers", lambda p: p.update(parts=[[1.5, 0.2]] * 7))
plan("seed_deep", lambda p: json.dumps(p).replace('"seed": 3', '"seed": ' + deep(1000000)))
plan("other_deep", lambda p: json.dumps(p)[:-1] + ',"z":' + deep(400000) + "}")
plan("order_half", lambda p: p.update(order="pick(two)"))
plan("order_1MB", lambda p: p.update(order="(" * 1000000))
plan("order_of_reach", lambda p: p.update(order="reach(one purple nut)"))
plan("order_another", lambda p: p.update(order="pick(all part -> left bin)"))
plan("old_order_another", lambda p: p.update(old_order="pick(three white gear -> left bin)"))
plan("chance_text", lambda p: p.update(chance="x"))
plan("chance_7", lambda p: p.update(chance=7))
plan("seed_negative", lambda p: p.update(seed=-3))
plan("seed_fraction", lambda p: p.update(seed=3.7))
plan("seed_2_64", lambda p: json.dumps(p).replace('"seed": 3', '"seed": 18446744073709551619'))
plan("seed_other", lambda p: p.update(seed=4))
plan("seed_twice", lambda p: json.dumps(p)[:-1] + ',"seed":3}')
plan("episode_other", lambda p: p.update(episode=1))
plan("no_json", lambda p: "hello")
plan("no_utf8", lambda p: b"\xff\xfe")
plan("empty", lambda p: b"")
plan("text_5MB", lambda p: p.update(text="a" * 5000000))
plan("text_other", lambda p: p.update(text="pick the red gear"))
plan("key_missing", lambda p: p.pop("order") and None)
plan("key_unknown", lambda p: p.update(ordre="x"))
plan("split_9", lambda p: p.update(split=9))
plan("language_fr", lambda p: p.update(language="fr"))
plan("expect_unknown", lambda p: p.update(expect="perhaps"))
plan("family_long", lambda p: p.update(family="f" * 3000))
cell("16_bins", lambda c: many_bins(c, 16, False))
cell("16_bins_first", lambda c: many_bins(c, 16, True))
cell("4_bins", lambda c: many_bins(c, 4, False))
cell("no_bins", lambda c: c.update(fixtures=[f for f in c["fixtures"] if f["kind"] != "bin"]))
cell("no_table", lambda c: c.update(fixtures=bins(c)))
cell("two_tables", lambda c: c["fixtures"].append(c["fixtures"][0]))
cell("unknown_fixture", lambda c: c["fixtures"].append(dict(bins(c)[0], kind="conveyor")))
cell("48_parts", lambda c: c.update(parts=c["parts"] * 6))
cell("3_parts", lambda c: c.update(parts=c["parts"][:3]))
cell("no_parts", lambda c: c.update(parts=[]))
cell("all_absent", lambda c: [p.update(present=False) for p in c["parts"]] and None)
cell("one_more", lambda c: [p.update(present=True) for p in c["parts"]] and None)
cell("another_colour", lambda c: [p.update(colour="white", shape="gear") for p in c["parts"]] and None)
cell("huge", lambda c: bins(c)[0].update(p=[1e308, -1e308, 0], size=[1e308, 0.075, 0.06, 0.004]))
cell("bin_nan", lambda c: json.dumps(c).replace('"yaw": ', '"yaw": NaN, "yaw_was": '))
cell("infinite", lambda c: json.dumps(c).replace('"friction": ', '"friction": 1e999, "f": ', 1))
cell("bin_one_number", lambda c: bins(c)[0].update(size=[0.1]))
cell("moved_a_hair", lambda c: bins(c)[0].update(yaw=math.nextafter(bins(c)[0]["yaw"], 1)))
cell("timestep_0", lambda c: c.update(timestep=0))
cell("timestep_other", lambda c: c.update(timestep=0.004))
cell("part_sizes", lambda c: [p.update(size=1e300, friction=-1) for p in c["parts"]] and None)
cell("two_arms", lambda c: c.update(arms=c["arms"] * 2))
cell("no_arm", lambda c: c.update(arms=[]))
cell("other_robot", lambda c: c["arms"][0].update(robot="../../etc/passwd"))
cell("base_moved", lambda c: c["arms"][0].update(base=[1, 0, 0]))
cell("deep", lambda c: '{"timestep":' + deep(1000000) + "}")
cell("a_list", lambda c: "[]")


def model(change):
    def edit(file):
        for k in file["models"]:
            put_text(file["models"], k, change(bytes(file["models"][k][:]).decode()))
    return edit


# The stored MJCF is for others: whatever stands there, it is not compiled and no file is opened; replay says that it differs.
for name, xml in {
        "include": '<mujoco><include file ="/etc/passwd"/></mujoco>',
        "composite": '<mujoco><worldbody><body><composite count="2147483647 1 1" type="cable"/></body></worldbody></mujoco>',
        "empty": "", "no_xml": "hello", "deep": "<a>" * 200000}.items():
    case("model_" + name, model(lambda old, xml=xml: xml))


def commands(name, folder):
    model_only = name.startswith("model_")
    train = ["train", "bc", "--data", folder, "--out", FOLDER / "run"]
    for setting in ("trainer.steps=2", "trainer.batch=4", "policy.backbone=bag_of_words", "policy.width=8",
                    "policy.trunk_width=16", "trainer.episodes=all", "trainer.threads=1"):
        train += ["--set", setting]
    import shutil
    shutil.rmtree(FOLDER / "run", ignore_errors=True)
    hair = name == "cell_moved_a_hair"  # only the rebuilt model shows it
    return [("verify", ["data", "verify", folder], False),
            ("deep", ["data", "verify", "--deep", folder], not model_only),
            ("replay", ["replay", folder, "--threads", "1"], True),
            ("render", ["render", folder, "--out", FOLDER / "picture.png"], not model_only),
            ("train", train, not model_only and not hair)]


if __name__ == "__main__":
    judge(cases, commands)
