"""My digits: what the visitor has drawn and labelled, and the chosen network's accuracy on it."""

import streamlit as st

from ui.draw.user_digit_list import show_deletion, show_digits, show_exchange, show_score
from ui.shared.selection import selected_run
from ui.shared.user_digits import own_collection, put_into_address

st.title("My digits")
put_into_address()
collection = own_collection()
show_deletion(collection)
if st.button("Draw a digit", type="primary", icon=":material/draw:"):
    st.switch_page("pages/draw.py")
if len(collection):
    st.markdown(
        "Your own digits, as 28 x 28 pixels. This browser finds them again by itself; on another device this page's "
        "address leads to them."
    )
    digits = collection.digits()
    wrong = show_score(selected_run(), digits)
    show_digits(collection, digits, wrong)
else:
    st.info(
        "Nothing here yet. Draw a digit, then choose its label: it is kept, and you will see the accuracy of a network "
        "on your handwriting.",
        icon=":material/draw:",
    )
show_exchange(collection)
