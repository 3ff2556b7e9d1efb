"""Opens a run folder with safetensors and TensorBoard: run_check.py RUN"""
import json
import math
import pathlib
import sys

from safetensors import safe_open
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run = pathlib.Path(sys.argv[1])
checkpoint = sorted((run / "checkpoints").glob("step-*"))[-1]
with safe_open(checkpoint / "policy.safetensors", framework="numpy") as file:
    names = list(file.keys())
    assert names, "no tensors"
    for name in names:
        assert math.isfinite(float(abs(file.get_tensor(name)).sum())), name
    assert file.metadata(), "no manifest"

events = EventAccumulator(str(run))
events.Reload()
tags = events.Tags()["scalars"]
lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
assert lines, "no metrics"
for key in lines[0]:
    if key == "step":
        continue
    assert key in tags, f"{key} is not in the events {tags}"
    seen = {event.step: event.value for event in events.Scalars(key)}
    steps = [event.step for event in events.Scalars(key)]
    assert steps == [line["step"] for line in lines], f"{key}: steps {steps}"  # a resumed run does not go back
    for line in lines:
        assert abs(seen[line["step"]] - line[key]) <= 1e-5 * max(1.0, abs(line[key])), (key, line)
print(f"{len(names)} tensors, {len(tags)} scalars, {len(lines)} lines")
