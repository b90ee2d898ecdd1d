"""These pages never load TensorFlow into the process that serves all visitors: a worker computes what needs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.app_server import PROJECT
from tests.support.sample_networks import ALL_KINDS, finished_run

# Visits them in a process of its own: this one has long loaded Keras for other tests.
_VISIT = """
import sys
import time
from streamlit.testing.v1 import AppTest
from tests.support.drawn_digits import DRAWN_DIGITS
from ui.draw import canvas

path = [["M", *DRAWN_DIGITS[0][0][0]], *(["L", *point] for point in DRAWN_DIGITS[0][0][1:])]
canvas.canvas_content = lambda key, start, pen_width_px: {
    "objects": [{"type": "Path", "path": path, "strokeWidth": 18}], "version": "7.4.0"
}

def settle():
    while app.get("progress"):
        time.sleep(0.2)
        app.run()

app = AppTest.from_file("app.py", default_timeout=120)
app.query_params["run"] = sys.argv[1]
app.session_state["what_it_sees"] = app.session_state["replay"] = True
app.run()
app.switch_page("pages/draw.py").run()
app.multiselect(key="also_ask").set_value(["pretrained"]).run()
answers = [element.value for element in app.markdown if "% sure" in element.value]
assert len(answers) >= 2 + 4 + 1, answers
for page in ("upload_picture", "my_digits", "train"):
    app.switch_page(f"pages/{page}.py").run()
app.switch_page("pages/review_mistakes.py").run()
settle()
app.segmented_control(key="mistakes_view_control").select("image").run()
settle()
assert any("training images nearest to this one" in element.value for element in app.caption)
assert not app.exception and not app.error
sys.exit(any(name in sys.modules for name in ("keras", "tensorflow", "sklearn")))
"""


def test_train_draw_upload_my_digits_and_mistakes_answer_without_tensorflow(runs_folder: Path) -> None:
    run = finished_run(ALL_KINDS, runs_folder)
    ended = subprocess.run(
        [sys.executable, "-c", _VISIT, run.id],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
