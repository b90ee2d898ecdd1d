"""My digits: what the visitor has drawn and labelled, and how well the chosen network reads it."""

import streamlit as st

from ui.draw.user_digit_list import show_deletion, show_digits, show_exchange, show_score
from ui.shared.selection import selected_run
from ui.shared.user_digits import own_collection, put_into_address

st.title("My digits")
put_into_address()
collection = own_collection()
show_deletion(collection)
if len(collection):
    st.markdown(
        "Your own handwriting, as a network sees it. This browser finds it again by itself; on another device this "
        "page's address leads to it."
    )
    digits = collection.digits()
    wrong = show_score(selected_run(), digits)
    show_digits(collection, digits, wrong)
else:
    st.info(
        "Nothing here yet. Draw a digit, then say which one you meant: it is kept, and you will see how well a network "
        "reads your handwriting.",
        icon=":material/draw:",
    )
st.page_link("pages/draw.py", label="Draw a digit", icon=":material/draw:")
show_exchange(collection)
