"""The networks that the visitor has brought: how good they are, where to go with them, and how they are deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from model_lib.number_format import accuracy_text
from model_lib.own_networks.archive import OwnNetworkError
from model_lib.own_networks.keeping import KeptNetwork, delete_network, kept_networks, restore_network
from model_lib.storage.run import Run
from ui.own_networks.owner import owner
from ui.own_networks.upload import plain
from ui.shared.next_steps import NextStep, offer_next_steps
from ui.shared.run_list import forget_listed_runs
from ui.shared.selection import select_run, selected_run
from ui.shared.visit import Once, state_of

_TEXT_PX: Final = 340
_CHOOSE_PX: Final = 120
_NEXT: Final = (
    NextStep("pages/draw.py", "Draw a digit for it", ":material/draw:"),
    NextStep("pages/look_inside.py", "Look inside it", ":material/search:"),
    NextStep("pages/review_mistakes.py", "See its mistakes", ":material/grid_on:"),
)


@dataclass
class _Changes:
    """What was deleted in this visit, the newest last, and why the last change failed."""

    problem: Once[str] = field(default_factory=Once)
    deleted: list[Run] = field(default_factory=list)


def show_deletion() -> None:
    """Says that a network was deleted, with the button that brings it back."""
    changes = state_of(_Changes)
    if problem := changes.problem.take():
        st.error(plain(problem), icon=":material/error:")
    if changes.deleted:
        with st.bottom.container(horizontal=True, vertical_alignment="center", key="deletion"):
            st.markdown(":material/delete: Network deleted.", width="content")
            st.button("Undo", icon=":material/undo:", key="undo_network", on_click=_undo, help="Brings it back.")


def show_kept() -> None:
    """Shows the visitor's networks, and the next steps where one of them is chosen."""
    kept = kept_networks(owner())
    if not kept:
        return
    st.header("Your networks", anchor=False)
    chosen = selected_run()
    for each in kept:
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width=_TEXT_PX, gap="xxsmall"):
                st.text(each.title)
                st.markdown(_numbers(each))
            with st.container(horizontal=True, width="content"):
                _show_buttons(each.run, each.run == chosen)
    if any(each.run == chosen for each in kept):
        offer_next_steps(_NEXT)
    st.caption(
        "A network from outside has no validation images and no curves: what it was trained on is not known here, so "
        "it cannot be ranked, and its accuracy may be on images that it has seen."
    )


def _show_buttons(run: Run, is_chosen: bool) -> None:
    st.button(
        "Chosen" if is_chosen else "Choose",
        key=f"choose-{run.id}",
        width=_CHOOSE_PX,
        icon=":material/check:" if is_chosen else None,
        disabled=is_chosen,
        on_click=select_run,
        args=(run,),
        help="Makes it the network that all pages show.",
    )
    st.button(
        "Delete",
        icon=":material/delete:",
        key=f"delete-{run.id}",
        on_click=_delete,
        args=(run,),
        help="Removes it for everybody. You can undo it until you leave the app.",
    )


def _numbers(each: KeptNetwork) -> str:
    outcome = each.run.outcome
    pixels = "0 to 255" if each.largest_pixel > 1 else "0 to 1"
    accuracy = f"test accuracy {accuracy_text(outcome.test_accuracy)}, " if outcome else ""
    return f"{accuracy}pixels {pixels}"


def _delete(run: Run) -> None:
    changes = state_of(_Changes)
    try:
        delete_network(run, owner())
    except OwnNetworkError as error:
        changes.problem.put(str(error))
    except OSError as error:
        changes.problem.put(f"The network could not be deleted: {error.strerror}.")
    else:
        changes.deleted.append(run)
        forget_listed_runs()


def _undo() -> None:
    """Takes the last deletion back."""
    changes = state_of(_Changes)
    if not changes.deleted:
        return
    run = changes.deleted.pop()
    try:
        restore_network(run, owner())
    except OwnNetworkError as error:
        changes.problem.put(str(error))
    except OSError as error:
        changes.problem.put(f"The network could not be brought back: {error.strerror}.")
    else:
        forget_listed_runs()
        select_run(run)
