"""The loss or the accuracy of every step, and of the validation images after every epoch."""

import json
from pathlib import Path

import plotly.express as px

RUN = "runs/your-run"
MEASURE = "loss"  # or "accuracy"

values, epochs = [], []
for line in Path(RUN, "events.jsonl").read_text().splitlines():
    event = json.loads(line)
    if event["kind"] == "started":  # also after a pause: what was written from there on is done again
        steps = event["steps_per_epoch"]
        del values[event["epoch"] * steps + event["step"] :], epochs[event["epoch"] :]
    elif event["kind"] == "steps":
        values += event[MEASURE]
    elif event["kind"] == "epoch":
        epochs.append(event.get(f"validation_{MEASURE}"))

x = [(step + 1) / steps for step in range(len(values))]
figure = px.line(x=x, y=values, labels={"x": "epochs", "y": MEASURE})
figure.add_scatter(x=[epoch + 1 for epoch in range(len(epochs))], y=epochs, name="validation")
figure.show()
