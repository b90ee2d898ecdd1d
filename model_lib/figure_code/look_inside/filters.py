"""The weights of the filters of a layer, each as a picture."""

import keras
import numpy as np
import plotly.express as px

RUN = "model_lib/pretrained"
LAYER = "conv2d_1"
CHANNEL = 0  # weights for this input map; None: the norm over all of them
EPOCH = None  # the weights after this epoch; None: at the end
CHANGED_SINCE = None  # an epoch: how far the weights have moved since
IS_SORTED = False  # the strongest first
FIRST, COUNT = 0, 64

network = keras.models.load_model(f"{RUN}/network.keras")
layer = network.get_layer(LAYER)
if EPOCH is not None:
    saved = np.load(f"{RUN}/checkpoints/epoch-{EPOCH:03}.npz")
    network.set_weights([saved[f"weight_{place}"] for place in range(len(saved))])

kernels = layer.get_weights()[0]
if CHANGED_SINCE is not None:
    saved = np.load(f"{RUN}/checkpoints/epoch-{CHANGED_SINCE:03}.npz")
    network.set_weights([saved[f"weight_{place}"] for place in range(len(saved))])
    kernels = kernels - layer.get_weights()[0]

if kernels.ndim == 2:  # a dense layer on the pixels
    kernels = kernels.reshape(28, 28, 1, -1)
norms = np.sqrt((kernels**2).sum(axis=2))
tiles = np.moveaxis(norms if CHANNEL is None else kernels[:, :, CHANNEL], 2, 0)
order = np.arange(len(tiles))
if IS_SORTED:
    order = np.argsort(-np.sqrt((kernels**2).sum(axis=(0, 1, 2))), kind="stable")

order = order[FIRST : FIRST + COUNT]
scale = {"color_continuous_scale": "RdBu", "color_continuous_midpoint": 0}
figure = px.imshow(tiles[order], facet_col=0, facet_col_wrap=8, **scale)
figure.for_each_annotation(lambda note: note.update(text=str(order[int(note.text[10:])])))
figure.show()
