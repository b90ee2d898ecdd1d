"""What is made ready in the background, so that the first click need not wait for it."""

from __future__ import annotations

import threading
from contextlib import suppress

import numpy as np
import streamlit as st

from model_lib.predictions import PredictionError, load_pretrained, predict
from model_lib.pretrained.digit_detector import likeness_scores
from model_lib.training.cluster import shared_cluster
from ui.shared.streamlit_workarounds import keep_compiled_functions, spare_the_garbage_collector

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
    # Loads Keras, and computes once, since the first answer of a network takes longer than all that follow.
    # What is wrong with the network is said in the page when somebody draws. When the server ends meanwhile, Python
    # refuses new work by a RuntimeError.
    with suppress(PredictionError, RuntimeError):
        blank = np.zeros((1, 28, 28), np.float32)
        predict(load_pretrained(), blank)
        likeness_scores(blank)

    keep_compiled_functions()
    spare_the_garbage_collector()
