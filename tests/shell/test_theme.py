"""What the stylesheet rests on: the sizes of letters in charts, which it names one by one."""

from __future__ import annotations

import re

from model_lib.figures import style
from tests.support.app_server import PROJECT

_STYLES = (PROJECT / "ui" / "shell" / "theme.css").read_text(encoding="utf-8")


def test_every_size_of_letters_in_charts_is_magnified() -> None:
    sizes = {font["size"] for name, font in vars(style).items() if name.endswith("_FONT")}
    magnified = re.findall(r"font-size: (\d+)px\"\] \{\s+font-size: calc\((\d+)px \* var\(--magnification\)\)", _STYLES)
    assert {int(drawn) for drawn, _ in magnified} == sizes
    assert all(drawn == base for drawn, base in magnified)
    # 1.3 times, on a projector: no text below 18 px.
    assert min(sizes) * 1.3 >= 18


def test_no_figure_has_a_size_of_letters_of_its_own() -> None:
    found = {}
    for path in (PROJECT / "model_lib" / "figures").glob("*.py"):
        if path.name != "style.py" and (
            sizes := re.findall(r'font"?[:=] ?\{"size": \d+', path.read_text(encoding="utf-8"))
        ):
            found[path.name] = sizes
    assert not found
