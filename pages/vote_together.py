"""Vote: several networks answer together, and what that changes."""

import streamlit as st

from ui.compare.selection import write_selection
from ui.compare.vote_images import show_image, show_sheet
from ui.compare.vote_members import choose_members, choose_rule, members_of, write_choice
from ui.compare.vote_result import show_accuracies, show_gain, vote_of_members
from ui.draw.vote import show_canvas_and_vote, show_vote
from ui.shared.layout import side_by_side

write_selection()
write_choice()
st.title("Vote (ensemble)", anchor=False)
st.markdown(
    "Several networks answer together. Where they make different mistakes, the vote can be better than each of them."
)
records = choose_members()
if records is None:
    st.stop()
runs = [record.run for record in records]
with st.container(horizontal=True):
    rule = choose_rule(records)
members = members_of(records)
if members is not None:
    vote = vote_of_members(members, rule)
    show_accuracies(members, vote)
st.header("Draw a digit for the vote", anchor=False)
show_canvas_and_vote(runs, rule)
if members is not None:
    place = show_gain(members, vote)
    sheet, closely = side_by_side("vote_images")
    with sheet:
        index = show_sheet(members, vote, rule, place)
    if index is not None:
        with closely:
            pixels = show_image(members, place, index)
        show_vote(runs, pixels, rule, "vote-image", closely)
