"""Switch filters off (ablation): the accuracy for each label without some of the filters."""

import streamlit as st

from ui.look_inside.ablation import show_ablation
from ui.look_inside.network import open_network
from ui.look_inside.next_steps import show_next_steps
from ui.look_inside.selection import write_address

st.title("Switch filters off (ablation)")
st.markdown(
    "Switch off one filter or several: their feature maps become zero. The accuracy on all test images, measured "
    "again, shows what they are needed for."
)
write_address()
opened = open_network()
if opened is not None:
    show_ablation(opened)
show_next_steps("pages/switch_off_filters.py")
