"""Train: choose or build a network, start it, watch it learn."""

from typing import Final, Literal

import streamlit as st

from model_lib.config.presets import FIRST_TRAINING, PRESET_CONFIGS, PRESETS
from model_lib.config.training import SettingsError, TrainingConfig, check_config
from ui.shared.selection import selected_run
from ui.train.network_form import choose_network, show_table
from ui.train.run_view import show_empty_curves, show_run
from ui.train.scrolling import bring_into_view
from ui.train.settings_form import choose_settings, in_words
from ui.train.start import has_just_started, show_start_error, start

# The first one is for newcomers; the second takes some minutes and is as good as this app gets.
_READY: Final[tuple[tuple[str, TrainingConfig, str, Literal["primary", "secondary"]], ...]] = (
    ("lightning", FIRST_TRAINING, "Watch a network learn", "primary"),
    ("champion", PRESET_CONFIGS["champion"], "Train a champion in a coffee break", "secondary"),
)

st.title("Train")
st.markdown("A network sees thousands of handwritten digits and learns to tell them apart. Watch it happen.")
with st.container(horizontal=True):
    for name, config, label, kind in _READY:
        st.button(label, type=kind, icon=":material/play_arrow:", on_click=start, args=(PRESETS[name], config))
show_start_error()

run = selected_run()
curves = st.container(key="curves")
if run is not None:
    with curves:
        show_run(run)

st.header("Your own training")
with st.container(horizontal=True, gap="large"):  # on a narrow screen the table goes below
    network, table = st.container(width=500), st.container(width=400)
with network:
    spec = choose_network()
with table:
    is_buildable = show_table(spec)
st.subheader("Settings")
config = choose_settings(spec.name)
try:
    check_config(config)
    problem = None
except SettingsError as error:
    problem = in_words(error)
    st.error(problem, icon=":material/error:")
can_start = is_buildable and problem is None
# Not `on_click`: that would start what stood in the form before the last change, when a number is typed and Start is
# clicked right after it.
if st.button("Start", icon=":material/play_arrow:", key="start", disabled=not can_start) and can_start:
    start(spec, config)
    st.rerun()
if run is None:
    with curves:  # last, since loading Plotly takes the server's first visitor a while
        show_empty_curves()
if has_just_started():
    bring_into_view("curves")
