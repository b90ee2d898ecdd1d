"""The share of mistakes among the digits of each person."""

import numpy as np
import plotly.express as px

FILE = "model_lib/pretrained/evaluation-pen_digits.npz"

saved = np.load(FILE)
is_mistake = saved["probabilities"].argmax(axis=1) != saved["labels"]
writers = np.unique(saved["writers"])
shares = np.array([is_mistake[saved["writers"] == writer].mean() for writer in writers])
order = np.argsort(-shares, kind="stable")
names = {"x": "who drew the digits", "y": "mistakes, %"}
figure = px.bar(x=[f"person {writer}" for writer in writers[order]], y=100 * shares[order], labels=names)
figure.show()
