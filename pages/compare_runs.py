"""Side by side: the curves, settings and costs of some runs."""

import streamlit as st

from ui.compare.cost import show_cost
from ui.compare.curves import show_curves
from ui.compare.run_choice import choose_records
from ui.compare.selection import write_selection
from ui.compare.settings_table import show_settings
from ui.compare.side_by_side import current_view
from ui.shared.next_steps import NextStep, offer_next_steps

write_selection()
st.title("Side by side", anchor=False)
st.markdown("Trained networks beside each other: how they learnt, what was set, and what they cost.")
view = current_view()
records = choose_records()
if not records:
    st.stop()
show_curves(records, view)
show_settings(records, view)
show_cost(records, view)
offer_next_steps(
    [
        NextStep("pages/judge_difference.py", "Is it chance?", ":material/balance:"),
        NextStep("pages/list_runs.py", "All runs", ":material/table_rows:"),
    ]
)
