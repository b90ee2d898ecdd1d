"""Your image set: labelled images of one's own, to test a network on and to train with."""

import streamlit as st

from ui.mistakes.selection import choose_test_set
from ui.own_images.kept import show_deletion, show_sets
from ui.own_images.upload import choose_file, show_file, show_message
from ui.shared.selection import selected_run
from ui.shared.user_digits import put_into_address

st.title("Your image set", anchor=False)
put_into_address()
show_deletion()
st.markdown(
    "Bring labelled images of your own: see how well a network does on them, review its mistakes, or train with them. "
    "A zip of pictures in folders named 0 to 9, or a CSV with a label and 784 pixels in each line."
)
content = choose_file()
show_message()
if content is not None:
    show_file(content)
show_sets(selected_run(), choose_test_set)
