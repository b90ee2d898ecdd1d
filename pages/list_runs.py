"""All runs: every network trained here in one table, to sort, to filter, to choose from."""

import streamlit as st

from ui.compare.all_runs.deleted import show_deleted_runs, show_undo
from ui.compare.all_runs.filters import write_filters
from ui.compare.all_runs.live import show_runs
from ui.compare.selection import write_selection

write_selection()
write_filters()
st.title("All runs", anchor=False)
show_undo()
st.markdown(
    "Every network that was trained here, the newest first. Choose by **best validation**, the accuracy on images that "
    "the network was not trained on; the test images are for the last look."
)
show_runs()
show_deleted_runs()
