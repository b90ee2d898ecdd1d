"""How the numbers of one layer are distributed over the steps: nine quantiles of each measurement."""

import json
from pathlib import Path

import plotly.express as px

RUN = "runs/your-run"
LAYER = "dense_1"
NUMBERS = "activations"  # or "weights", "biases", "gradients"

measured = {}
for line in Path(RUN, "statistics.jsonl").read_text().splitlines():
    entry = json.loads(line)
    if entry["kind"] == "started":  # also after a pause: what was measured later is void
        measured = {step: each for step, each in measured.items() if step <= entry["step"]}
    elif entry["kind"] == "statistics":
        layer = next(layer for layer in entry["layers"] if layer["name"] == LAYER)
        measured[entry["step"]] = layer.get(NUMBERS, [None] * 9)

quantiles = [list(values) for values in zip(*measured.values(), strict=True)]
figure = px.line(x=list(measured), y=quantiles)
figure.update_layout(xaxis_title="steps", yaxis_title=NUMBERS, legend_title="quantiles, the lowest first")
figure.show()
