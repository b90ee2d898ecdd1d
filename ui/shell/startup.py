"""What is made ready in the background, so that the first click need not wait for it."""

from __future__ import annotations

import gc
import threading
from contextlib import suppress

import numpy as np
import streamlit as st

from model_lib.datasets.user_digits import sweep_deleted_digits
from model_lib.predictions import PredictionError, load_pretrained, predict
from model_lib.pretrained.digit_detector import likeness_scores
from model_lib.training.cluster import shared_cluster

# So that the first picture is on its way before loading Keras takes the processor.
_DELAY_SECONDS = 0.5


@st.cache_resource(show_spinner=False)
def start() -> threading.Timer:
    """Starts the training processes and loads Keras, once a server, after the first page has been shown."""
    timer = threading.Timer(_DELAY_SECONDS, _warm_up)
    timer.daemon = True
    timer.start()
    return timer


def _warm_up() -> None:
    shared_cluster()
    sweep_deleted_digits()
    # Loads Keras, and computes once, since the first answer of a network takes longer than all that follow.
    # What is wrong with the network is said in the page when somebody draws. When the server ends meanwhile, Python
    # refuses new work by a RuntimeError.
    with suppress(PredictionError, RuntimeError):
        blank = np.zeros((1, 28, 28), np.float32)
        predict(load_pretrained(), blank)
        likeness_scores(blank)

    _keep_compiled_functions()
    # Streamlit collects all garbage after every run of a page. With TensorFlow's objects that takes half a second with
    # the interpreter locked; frozen, they are out of the collector's sight.
    gc.collect()
    gc.freeze()


def _keep_compiled_functions() -> None:
    """Lets the compiled answers of the networks live longer than one run of a page.

    After every run Streamlit calls `keras.backend.clear_session`, meant for scripts that build a network each time. It
    makes TensorFlow forget the functions that it has made ready, for all visitors: 30 ms more for each network's next
    answer. The pages here build no networks but cached ones, so that nothing piles up without it.
    """
    import keras  # loaded by now

    keras.backend.clear_session = lambda free_memory=True: None
