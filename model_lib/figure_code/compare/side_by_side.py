"""The loss or the accuracy of several runs over each other, smoothed, and that of their validation images."""

import json
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

RUNS = ["runs/your-run", "runs/another-run"]
MEASURE = "loss"  # or "accuracy"
OVER = "epochs"  # or "steps" or "seconds"
SMOOTHING = 0.6  # of the training values, from 0 (as they are) to below 1

figure = go.Figure()
for run in RUNS:
    values, validation, clock, per_epoch = [], [], [(0, 0.0)], 1
    for line in Path(run, "events.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["kind"] == "started":  # also after a pause: what was written from there on is done again
            per_epoch = event["steps_per_epoch"]
            first = event["epoch"] * per_epoch + event["step"]
            del values[first:], validation[event["epoch"] :]
            clock = [(steps, seconds) for steps, seconds in clock if steps <= first]
        elif event["kind"] == "steps":
            values += event[MEASURE]
            clock.append((len(values), event["seconds"]))
        elif event["kind"] == "epoch" and f"validation_{MEASURE}" in event:
            validation.append(event[f"validation_{MEASURE}"])

    width = -(-len(values) // 500) or 1  # at most 500 means, a light line
    means = [np.mean(values[start : start + width]) for start in range(0, len(values), width)]
    averages, total, weights = [], 0.0, 0.0
    for value in means:  # exponential moving average: the last value counts fully, the one before SMOOTHING of it
        total, weights = SMOOTHING * total + value, SMOOTHING * weights + 1
        averages.append(total / weights)

    for name, steps, heights in (
        (run, [min(end * width, len(values)) for end in range(1, len(means) + 1)], averages),
        (f"{run}, validation", [end * per_epoch for end in range(1, len(validation) + 1)], validation),
    ):
        x = np.interp(steps, *np.transpose(clock)) if OVER == "seconds" else np.array(steps)
        figure.add_scatter(x=x / per_epoch if OVER == "epochs" else x, y=heights, name=name)
figure.update_layout(xaxis_title=OVER, yaxis_title=MEASURE)
figure.show()
