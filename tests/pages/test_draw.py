"""The Draw page: what it answers to each thing on the canvas. The canvas itself is a browser's, and stood in for."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.datasets.loading import load_dataset
from model_lib.files import write_json
from model_lib.networks import build_network
from model_lib.runs import create_run
from model_lib.storage.checkpoints import save_checkpoint
from model_lib.storage.run import Run
from tests.support.answer_panel import names_of, panel_data, panel_text
from tests.support.app_server import PROJECT
from tests.support.copied_runs import copy_of
from tests.support.drawn_digits import DRAWN_DIGITS
from ui.draw import canvas
from ui.draw.answer_api import answer_to
from ui.shared import selection
from ui.shared.canvas_hand_over import HandOver
from ui.shared.visit import key_of

INVITATION = "Draw a digit from 0 to 9"


class Canvas:
    """Stands in for the canvas of the browser: shows what it is told to, and then what a test draws."""

    def __init__(self) -> None:
        self.content: Any = None
        self._start: Any = None

    def __call__(self, key: str, start: Any, pen_width_px: int) -> Any:
        if key not in st.session_state:
            st.session_state[key] = "as a real one leaves its state there"
        elif start != self._start:
            self.content = {name: value for name, value in start.items() if name != "number"}
        self._start = start
        return self.content


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Canvas:
    """The canvas, whose content a test sets."""
    stand_in = Canvas()
    monkeypatch.setattr(canvas, "canvas_content", stand_in)
    return stand_in


def strokes_of(*digits: int, scale: float = 1.0, shift: tuple[float, float] = (0, 0)) -> dict[str, Any]:
    """Returns digits as the canvas sends them, one beside the other."""
    objects = []
    for place, digit in enumerate(digits):
        for stroke in DRAWN_DIGITS[digit]:
            points = (stroke * scale + shift + (place * 180 * scale, 0)).tolist()
            path = [["M", *points[0]], *(["L", *point] for point in points[1:])]
            objects.append({"type": "Path", "path": path, "strokeWidth": 18})
    return {"objects": objects, "version": "7.4.0"}


def open_draw(**address: str) -> AppTest:
    """Comes in by an address, and then to the Draw page."""
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    app.switch_page("pages/draw.py").run()
    assert not app.exception
    return app


def own_image(app: AppTest) -> np.ndarray:
    return app.session_state[key_of(selection._OwnImages)].pixels[selection.DrawnImage()]


def text_of(app: AppTest) -> str:
    kinds: tuple[Any, ...] = (app.markdown, app.error, app.info, app.warning, app.caption, app.header)
    return " ".join([panel_text(app), *(str(element.value) for kind in kinds for element in kind)])


def test_a_blank_canvas_gets_an_invitation_and_no_answer(drawn: Canvas) -> None:
    app = open_draw()
    assert app.title[0].value == "Draw"
    assert INVITATION in text_of(app)
    assert "sure" not in text_of(app)


@pytest.mark.parametrize("digit", range(10))
def test_a_drawn_digit_is_read(drawn: Canvas, digit: int) -> None:
    drawn.content = strokes_of(digit)
    app = open_draw()
    assert names_of(app) == [str(digit)]
    assert INVITATION not in text_of(app)


def test_the_answer_is_that_of_the_newest_drawing(drawn: Canvas) -> None:
    app = open_draw()
    for digit in (3, 7, 0, 1):
        drawn.content = strokes_of(digit)
        app.run()
        assert names_of(app) == [str(digit)]


def test_clear_empties_the_canvas(drawn: Canvas) -> None:
    drawn.content = strokes_of(4)
    app = open_draw()
    app.button(key="clear_canvas").click().run()
    assert drawn.content == {"objects": []}
    assert INVITATION in text_of(app)


class SlowCanvas(Canvas):
    """A canvas that has sent something more before it learns what to show."""

    def __init__(self) -> None:
        super().__init__()
        self.sent_before: Any = None

    def __call__(self, key: str, start: Any, pen_width_px: int) -> Any:
        shown = super().__call__(key, start, pen_width_px)
        sent_before, self.sent_before = self.sent_before, None
        return shown if sent_before is None else sent_before


def test_a_stroke_that_was_under_way_at_clear_does_not_bring_the_drawing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowCanvas()
    monkeypatch.setattr(canvas, "canvas_content", slow)
    whole = strokes_of(4)
    slow.content = {**whole, "objects": whole["objects"][:1]}
    app = open_draw()
    slow.sent_before = whole
    app.button(key="clear_canvas").click().run()
    assert INVITATION in text_of(app)
    slow.content = strokes_of(7)
    app.run()
    assert names_of(app) == ["7"]


def test_undo_takes_the_last_stroke_away_and_then_the_one_before(drawn: Canvas) -> None:
    drawn.content = strokes_of(4)
    app = open_draw()
    app.button(key="undo_stroke").click().run()
    assert drawn.content["objects"] == strokes_of(4)["objects"][:1]
    app.button(key="undo_stroke").click().run()
    assert drawn.content["objects"] == []
    assert INVITATION in text_of(app)
    app.button(key="undo_stroke").click().run()
    assert not app.exception


def test_the_drawing_is_still_there_after_a_visit_to_another_page(drawn: Canvas) -> None:
    drawn.content = strokes_of(8)
    app = open_draw()
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/draw.py").run()
    assert names_of(app) == ["8"]


def test_the_drawing_becomes_the_image_of_all_pages(drawn: Canvas) -> None:
    app = open_draw()
    drawn.content = strokes_of(5)
    app.run()
    assert app.query_params["image"] in ("drawing", ["drawing"])
    kept = own_image(app)
    assert kept.shape == (28, 28)
    # MNIST's frame: white ink in the middle, four empty pixels or so around it.
    assert kept.max() == 1.0
    assert not kept[:2].any()


def test_an_undone_stroke_is_gone_from_the_image_of_all_pages_too(drawn: Canvas) -> None:
    drawn.content = strokes_of(4)
    app = open_draw()
    whole = own_image(app)
    app.button(key="undo_stroke").click().run()
    assert not np.array_equal(own_image(app), whole)


def test_an_image_from_another_page_is_read_until_something_is_drawn(drawn: Canvas) -> None:
    test = load_dataset("mnist").test
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=60).run()
    app.switch_page("pages/draw.py")
    app.session_state[key_of(HandOver)] = HandOver(test.images[0].astype(np.float32) / 255, is_new=True)
    app.run()
    assert names_of(app) == [str(test.labels[0])]
    assert "from another page" in text_of(app)
    drawn.content = strokes_of(0)
    app.run()
    assert names_of(app) == ["0"]
    assert "from another page" not in text_of(app)


def _path(*segments: Any) -> dict[str, Any]:
    return {"objects": [{"type": "Path", "path": list(segments), "strokeWidth": 18}]}


@pytest.mark.parametrize(
    "content",
    [
        "no drawing at all",
        {"objects": "none"},
        _path(["M", float("nan"), 3.0], ["L", 5.0, 5.0]),
        _path(["M", None, None]),
        _path(["W", 1.0, 2.0]),
        {"objects": [{"type": "Path", "path": 7}]},
    ],
)
def test_damaged_canvas_data_is_said_in_the_page(drawn: Canvas, content: Any) -> None:
    drawn.content = content
    app = open_draw()
    assert [error for error in app.error if "Clear the canvas" in error.value]
    app.button(key="clear_canvas").click().run()
    assert not app.error
    assert INVITATION in text_of(app)


@pytest.mark.parametrize("content", [{}, {"objects": []}, {"objects": [{"type": "Rect"}]}, _path()])
def test_canvas_data_without_strokes_is_a_blank_canvas(drawn: Canvas, content: Any) -> None:
    drawn.content = content
    assert INVITATION in text_of(open_draw())


def test_a_hundred_thousand_points_are_answered(drawn: Canvas) -> None:
    angles = np.linspace(0, 2 * np.pi, 100_000)
    circle = np.stack([140 + 60 * np.sin(angles), 140 - 100 * np.cos(angles)], axis=1).tolist()
    drawn.content = _path(["M", *circle[0]], *(["L", *point] for point in circle[1:]))
    assert names_of(open_draw()) == ["0"]


def test_ink_beside_the_canvas_which_nobody_sees_is_not_read(drawn: Canvas) -> None:
    drawn.content = strokes_of(1, shift=(-900, 4000))
    assert INVITATION in text_of(open_draw())
    drawn.content = _path(["M", 1e300, 1e300], ["L", 1e300, -1e300])
    assert INVITATION in text_of(open_draw())


def test_a_scribble_does_not_look_like_a_digit_and_a_digit_does(drawn: Canvas) -> None:
    zigzag = [[40 + 200 * (turn % 2), 30 + 12 * turn] for turn in range(20)]
    drawn.content = _path(["M", *zigzag[0]], *(["L", *point] for point in zigzag[1:]))
    assert "does not look like a digit" in text_of(open_draw())
    drawn.content = strokes_of(2)
    assert "does not look like a digit" not in text_of(open_draw())


def test_two_digits_are_read_as_a_number_on_request(drawn: Canvas) -> None:
    drawn.content = strokes_of(4, 2, scale=0.5, shift=(0, 60))
    app = open_draw()
    app.toggle(key="as_number").set_value(True).run()
    assert names_of(app) == ["42"]


def _open_part(app: AppTest, key: str) -> AppTest:
    app.session_state[key] = True
    app.run()
    assert not app.exception
    return app


def test_the_four_framings_are_answered_side_by_side(drawn: Canvas) -> None:
    drawn.content = strokes_of(3, scale=0.2, shift=(200, 200))
    app = _open_part(open_draw(), "what_it_sees")
    assert text_of(app).count(" % sure") == 1 + 4
    for framing in ("resized", "boxed", "centred", "redrawn"):
        app.button_group(key="framing").set_value(framing).run()
        assert not app.exception


def test_the_replay_says_what_the_network_thought_halfway(drawn: Canvas) -> None:
    drawn.content = strokes_of(4)
    app = _open_part(open_draw(), "replay")
    slider = next(slider for slider in app.slider if slider.label == "Moment")
    assert slider.value == slider.max > 2
    slider.set_value(1).run()
    assert not app.exception
    # The first moment of a 4 is a short line down: nobody reads a 4 there.
    assert re.search(r"\*\*[0-35-9]\*\*, (> )?\d+\.\d % sure", text_of(app))


def _queued(**settings: Any) -> Run:
    return create_run(PRESETS["mlp"], TrainingConfig(epochs=1, **settings))


def test_a_network_without_weights_asks_for_patience(drawn: Canvas) -> None:
    run = _queued()
    drawn.content = strokes_of(6)
    app = open_draw(run=run.id)
    assert "has not finished its first epoch" in text_of(app)


def test_networks_answer_side_by_side(drawn: Canvas, trained_run: Run, runs_folder: Path) -> None:
    run = copy_of(trained_run, runs_folder)
    drawn.content = strokes_of(0)
    app = open_draw()
    app.multiselect(key="also_ask").set_value([run.id]).run()
    assert not app.exception
    assert names_of(app) == ["0", "0"]
    run.delete()
    app.run()
    assert not app.exception
    assert names_of(app) == ["0", ""]
    assert "has been deleted" in text_of(app)


def test_a_network_for_clothes_says_that_it_has_no_class_for_a_digit(
    drawn: Canvas, trained_run: Run, runs_folder: Path
) -> None:
    run = copy_of(trained_run, runs_folder)
    write_json(run.folder / "config.json", TrainingConfig(dataset="fashion_mnist").as_dict())
    drawn.content = strokes_of(1)
    app = open_draw(run=run.id)
    assert "no class for a digit" in text_of(app)
    assert names_of(app) != ["1"]


def test_a_network_that_is_learning_answers_with_its_newest_weights(drawn: Canvas) -> None:
    run = _queued()
    weights = build_network(run.spec, seed=1).get_weights()
    run.set_state("running")
    drawn.content = strokes_of(5)
    for epoch, digit in ((1, 3), (2, 8)):
        weights[-1][:] = 0
        weights[-1][digit] = 1000.0  # whatever it sees, it is sure of this digit
        save_checkpoint(run.folder, epoch, weights)
        app = open_draw(run=run.id)
        assert f"{digit}, > 99.9 % sure" in text_of(app)


def test_an_answer_names_a_second_digit_that_is_close(drawn: Canvas) -> None:
    run = _queued()
    weights = build_network(run.spec, seed=1).get_weights()
    run.set_state("running")
    drawn.content = strokes_of(5)
    for epoch, second, words in ((1, 0.3, "4, 60.0 % sure, or 9 (30.0 %)"), (2, 0.09, "4, 81.0 % sure")):
        first = 0.9 - second
        weights[-2][:] = 0
        weights[-1][:] = np.log(0.1 / 8)
        weights[-1][[4, 9]] = np.log([first, second])
        save_checkpoint(run.folder, epoch, weights)
        answers = panel_data(open_draw(run=run.id))["answers"]["answers"]
        assert [answer["sentence"] for answer in answers] == [words]


def test_the_panel_is_given_what_it_needs_to_ask_on_its_own(drawn: Canvas, trained_run: Run, runs_folder: Path) -> None:
    run = copy_of(trained_run, runs_folder)
    drawn.content = strokes_of(4)
    app = open_draw(run=run.id)
    given = panel_data(app)["canvas"]
    assert given["networks"] == [run.id]
    assert given["count"] == len(given["strokes"]) == 2
    assert given["pen_width_px"] == 18
    request = {name: given[name] for name in ("networks", "reads_number", "pen_width_px", "strokes")} | {"pointer": []}
    assert json.loads(json.dumps(answer_to(json.dumps(request).encode()))) == panel_data(app)["answers"]
    app.button(key="undo_stroke").click().run()
    undone = panel_data(app)["canvas"]
    assert (undone["count"], undone["revision"]) == (1, given["revision"] + 1)


def test_a_drawing_too_large_for_a_request_is_left_to_the_page(drawn: Canvas) -> None:
    circle = [[140 + 60 * math.sin(turn / 999), 140 - 100 * math.cos(turn / 999)] for turn in range(6_300)]
    drawn.content = _path(["M", *circle[0]], *(["L", *point] for point in circle[1:]))
    app = open_draw()
    assert names_of(app) == ["0"]
    assert panel_data(app)["canvas"] is None
