"""These pages never load TensorFlow into the process that serves all visitors: a worker computes what needs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.app_server import PROJECT
from tests.support.sample_networks import ALL_KINDS, finished_run

_DRAW = """
import json
import sys
from streamlit.testing.v1 import AppTest
from tests.support.answer_panel import names_of, panel_data
from tests.support.drawn_digits import DRAWN_DIGITS
from ui.draw import canvas
from ui.draw.answer_api import answer_to

path = [["M", *DRAWN_DIGITS[0][0][0]], *(["L", *point] for point in DRAWN_DIGITS[0][0][1:])]
canvas.canvas_content = lambda key, start, pen_width_px: {
    "objects": [{"type": "Path", "path": path, "strokeWidth": 18}], "version": "7.4.0"
}
app = AppTest.from_file("app.py", default_timeout=120)
app.query_params["run"] = sys.argv[1]
app.session_state["what_it_sees"] = app.session_state["replay"] = True
app.run()
app.switch_page("pages/draw.py").run()
app.multiselect(key="also_ask").set_value(["pretrained"]).run()
answers = [element.value for element in app.markdown if " % sure" in element.value]
assert len(names_of(app)) == 2 and len(answers) >= 4 + 1, answers
answer_to(json.dumps(panel_data(app)["canvas"] | {"pointer": [[10, 20, 30, 40, 50, 60]]}).encode())
pages = ("upload_picture", "my_digits", "own_images", "train", "browse_data", "read_programs", "how_it_works")
compared = ("list_runs", "compare_runs", "judge_difference", "sweep_settings", "vote_together", "rank_runs")
brought = ("take_home", "bring_network")
for page in (*pages, *compared, *brought):
    app.switch_page(f"pages/{page}.py").run()
assert not app.exception
sys.exit("keras" in sys.modules or "tensorflow" in sys.modules)
"""
_LOOK_INSIDE = """
import sys
import time
from streamlit.testing.v1 import AppTest
from ui.mistakes.selection import VIEWS


def look(app):
    app.run()
    while app.get("progress"):
        time.sleep(0.1)
        app.run()
    assert not app.exception and not app.error and not app.warning


for run in sys.argv[1:]:
    app = AppTest.from_file("app.py", default_timeout=120)
    app.query_params["run"] = run
    app.run()  # Train, where a training's bar stays
    look(app.switch_page("pages/look_inside.py"))
    app.number_input(key="look-inside-number-Map").set_value(1)
    look(app)  # unfolds the arithmetic
    layers = app.selectbox(key="look-inside-Layer").options
    assert len(layers) > 9, layers
    for place in range(len(layers)):
        app.selectbox(key="look-inside-Layer").select_index(place)
        look(app)
        assert app.metric[-1].label == "check by ONNX Runtime", layers[place]
        assert abs(float(app.metric[-1].value) - float(app.metric[-2].value)) <= 1.1e-4, layers[place]
    look(app.switch_page("pages/see_filters.py"))
    assert bool(app.get("select_slider")) is (run != "pretrained")
    for slider in app.get("select_slider"):
        slider.set_value(0)
        look(app)
        app.segmented_control(key="filters-what").set_value("change since the start")
        look(app)
    look(app.switch_page("pages/try_convolutions.py"))
    look(app.switch_page("pages/review_mistakes.py"))
    views = [view for view in VIEWS if view != "writers"]  # which MNIST does not have
    for view in [view for view in views if view != "image" or run != "pretrained"]:  # one network's neighbours will do
        app.segmented_control(key="mistakes_view_control").set_value(view)
        look(app)
        assert app.segmented_control(key="mistakes_view_control").value == view
        nearest = [element.value for element in app.caption if "training images whose embedding" in element.value]
        assert bool(nearest) is (view == "image")
    app.segmented_control(key="test_set_control").set_value("pen_digits")
    look(app)
    app.segmented_control(key="mistakes_view_control").set_value("writers")
    look(app)
    assert app.segmented_control(key="mistakes_view_control").value == "writers"
for page in ("explain_answer", "switch_off_filters", "visualize_features", "embed_images"):
    app = AppTest.from_file("app.py", default_timeout=120)
    app.query_params["run"] = sys.argv[1]
    app.run()
    look(app.switch_page(f"pages/{page}.py"))
    assert app.get("plotly_chart"), page
sys.exit(any(name in sys.modules for name in ("keras", "tensorflow", "sklearn")))
"""


def _visit(program: str, *runs: str) -> None:
    """Visits pages in a process of its own: this one has long loaded Keras for other tests."""
    ended = subprocess.run(
        [sys.executable, "-c", program, *runs],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]


def test_train_draw_upload_and_my_digits_answer_without_tensorflow(runs_folder: Path) -> None:
    _visit(_DRAW, finished_run(ALL_KINDS, runs_folder).id)


def test_look_inside_and_mistakes_are_shown_without_tensorflow_which_a_worker_loads(runs_folder: Path) -> None:
    # It has no evaluation yet: that too is made in the worker.
    _visit(_LOOK_INSIDE, finished_run(ALL_KINDS, runs_folder).id, "pretrained")
