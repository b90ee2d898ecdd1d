"""Train: choose or build a network, start it, watch it learn."""

import streamlit as st

from model_lib.config.training import SettingsError, check_config
from ui.shared.scrolling import apply_scroll
from ui.shared.selection import selected_run
from ui.train.network_form import FORM_CONTAINER, choose_layers, choose_network, is_buildable, published_settings
from ui.train.run_view import show_run
from ui.train.settings_form import choose_settings, in_words
from ui.train.start import RUN_CONTAINER, start

st.title("Train a network")
st.markdown("A network sees thousands of handwritten digits and learns to tell them apart. Watch it happen.")
row = st.container(key=FORM_CONTAINER, horizontal=True, vertical_alignment="bottom")
with row:
    name = choose_network()
spec = choose_layers(name)
published = published_settings(name)
config = choose_settings(name, published, row, spec)
try:
    check_config(config)
    problem = None
except SettingsError as error:
    problem = in_words(error)
    st.error(problem, icon=":material/error:")
can_start = problem is None and is_buildable(spec)
# Not `on_click`: that would start what stood in the form before the last change, when a number is typed and Start is
# clicked right after it.
with row:
    is_clicked = st.button("Start", type="primary", icon=":material/play_arrow:", key="start", disabled=not can_start)
is_started = False
if is_clicked and can_start:
    failure = start(spec, config)
    is_started = failure is None
    if failure is not None:
        st.error(failure, icon=":material/error:")
with st.container(key=RUN_CONTAINER):  # last, since loading Plotly takes the server's first visitor a while
    show_run(selected_run(), config if problem is None else published)
if is_started:
    st.rerun()  # now that the visitor sees it: the sidebar, drawn before, shows another network
apply_scroll(FORM_CONTAINER)
apply_scroll(RUN_CONTAINER)
