"""Is it chance?: whether two networks, or two values of a setting, differ by more than chance."""

import streamlit as st

from ui.compare.chance.all_pairs import show_all_pairs
from ui.compare.chance.choose import choose_compared, choose_view
from ui.compare.chance.pair import show_pair
from ui.compare.chance.seeds import show_seeds
from ui.compare.chance.selection import take_problems, write_choice
from ui.compare.selection import write_selection

write_selection()
write_choice()
st.title("Is it chance?", anchor=False)
for problem in take_problems():
    st.warning(problem, icon=":material/link_off:")
view = choose_view()
if view == "seeds":
    show_seeds()
elif compared := choose_compared():
    if view == "all":
        show_all_pairs(compared)
    else:
        show_pair(compared)
