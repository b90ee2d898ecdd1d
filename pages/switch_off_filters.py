"""What a filter is for: switch filters off and see which digits the network no longer reads."""

import streamlit as st

from ui.look_inside.ablation import show_ablation
from ui.look_inside.network import open_network
from ui.look_inside.selection import write_address

st.title("What a filter is for")
st.markdown("Switch off one filter or several. Their feature maps become zero, and all test images are read again.")
write_address()
opened = open_network()
if opened is not None:
    show_ablation(opened)
