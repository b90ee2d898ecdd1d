"""What is on the canvas, whatever it sends while it still follows what it was told to show."""

from __future__ import annotations

from typing import Any

import pytest

from ui.draw.canvas_state import CanvasState

ONE, TWO, OTHER = {"path": 1}, {"path": 2}, {"path": 3}


def _content(*strokes: dict[str, int]) -> dict[str, Any]:
    return {"objects": list(strokes), "version": "7"}


def _with(*strokes: dict[str, int]) -> CanvasState:
    """A canvas that has been shown and has sent these strokes."""
    state = CanvasState()
    state.mount()
    state.receive(_content(*strokes))
    return state


def test_what_is_sent_is_what_is_on_the_canvas() -> None:
    assert _with(ONE).content == _content(ONE)


def test_a_cleared_canvas_stays_empty_while_it_sends_the_old_drawing_and_a_stroke_more() -> None:
    state = _with(ONE)
    state.clear(_content(ONE))
    for late in (_content(ONE), _content(ONE, TWO)):
        state.receive(late)
        assert state.content is None
    state.receive(_content())
    state.receive(_content(OTHER))
    assert state.content == _content(OTHER)


def test_the_same_drawing_again_after_the_canvas_has_followed_is_a_new_one() -> None:
    state = _with(ONE)
    state.clear(_content(ONE))
    state.receive(_content())
    state.receive(_content(ONE))
    assert state.content == _content(ONE)


def test_undo_removes_the_last_stroke_and_keeps_the_rest_of_the_content() -> None:
    state = _with(ONE, TWO)
    state.undo(_content(ONE, TWO))
    assert state.content == _content(ONE)
    assert state.start is not None and state.start["objects"] == [ONE]


def test_two_undos_before_the_canvas_has_followed_remove_two_strokes() -> None:
    state = _with(ONE, TWO, OTHER)
    for _ in range(2):
        state.undo(_content(ONE, TWO, OTHER))
    assert state.content == _content(ONE)


def test_each_clear_is_another_start_and_names_another_drawing() -> None:
    state = _with(ONE)
    starts, names = [state.start], [state.drawing_id]
    for _ in range(2):
        state.clear(None)
        starts.append(state.start)
        names.append(state.drawing_id)
    assert len({str(start) for start in starts}) == len(set(names)) == 3


def test_an_undo_that_leaves_a_stroke_keeps_the_drawings_name() -> None:
    state = _with(ONE, TWO)
    name = state.drawing_id
    state.undo(_content(ONE, TWO))
    assert state.drawing_id == name


def test_back_from_another_page_the_canvas_is_told_to_show_its_drawing_again() -> None:
    state = _with(ONE)
    state.mount()
    assert state.start is not None and state.start["objects"] == [ONE]


def test_the_same_start_is_not_sent_twice_or_a_first_stroke_would_be_wiped_out() -> None:
    state = _with()
    start = state.start
    state.mount()
    assert state.start is start


@pytest.mark.parametrize("damaged", ["no drawing", {"objects": "none"}, {"objects": []}, None, 7])
def test_undo_on_something_that_is_no_drawing_changes_nothing(damaged: Any) -> None:
    state = _with()
    state.receive(damaged)
    state.undo(damaged)
    assert state.content == damaged
