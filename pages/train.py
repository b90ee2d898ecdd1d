"""Train: choose or build a network, start it, watch it learn."""

import streamlit as st

from model_lib.config.training import SettingsError, check_config
from ui.shared.scrolling import apply_scroll
from ui.shared.selection import selected_run
from ui.train.network_form import FORM_CONTAINER, choose_layers, choose_network, is_buildable, published_settings
from ui.train.own_digits import show_problem_of_own_digits
from ui.train.run_view import show_run
from ui.train.settings_form import choose_settings, in_words
from ui.train.shared_address import show_link, take_address
from ui.train.start import RUN_CONTAINER, start
from ui.train.train_on import choose_start

st.title("Train a network")
st.markdown("A network sees thousands of handwritten digits and learns to tell them apart. Watch it happen.")
form = st.container(key=FORM_CONTAINER)
head, row = form.container(), form.container(horizontal=True, vertical_alignment="bottom")
with head:
    take_address()
with row:
    name = choose_network()
with head:
    load_start = choose_start(name)
spec = choose_layers(name)
published = published_settings(name)
config = choose_settings(name, published, row, spec, head)
try:
    check_config(config)
    problem = None
except SettingsError as error:
    problem = in_words(error)
    st.error(problem, icon=":material/error:")
has_digits = not show_problem_of_own_digits(config)
can_start = problem is None and has_digits and is_buildable(spec)
# Not `on_click`: that would start what stood in the form before the last change, when a number is typed and Start is
# clicked right after it.
with row:
    is_clicked = st.button("Start", type="primary", icon=":material/play_arrow:", key="start", disabled=not can_start)
    if problem is None:
        show_link(name, spec, published, config)
is_started = False
if is_clicked and can_start:
    failure = start(spec, config, load_start)
    is_started = failure is None
    if failure is not None:
        st.error(failure, icon=":material/error:")
with st.container(key=RUN_CONTAINER):  # last, since loading Plotly takes the server's first visitor a while
    show_run(selected_run(), config if problem is None else published)
if is_started:
    st.rerun()  # now that the visitor sees it: the sidebar, drawn before, shows another network
apply_scroll(FORM_CONTAINER)
apply_scroll(RUN_CONTAINER)
