"""The switches of the sidebar's end: the projector view, and a table below each chart."""

from __future__ import annotations

import ast

from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT

_SECONDS = 120


def _open() -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=_SECONDS).run()
    assert not app.exception
    return app


def test_the_projector_view_magnifies_hides_the_sidebar_and_can_be_left() -> None:
    app = _open()
    assert "leave_projector" not in [button.key for button in app.button]
    app.toggle(key="display_projector").set_value(True).run()
    assert app.button(key="leave_projector").label == "Leave projector view"
    app.switch_page("pages/try_convolutions.py").run()
    assert app.button(key="leave_projector")
    app.button(key="leave_projector").click().run()
    assert not app.exception
    assert "leave_projector" not in [button.key for button in app.button]
    assert app.toggle(key="display_projector").value is False


def test_a_table_stands_below_each_chart_on_demand_and_on_all_pages() -> None:
    app = _open()
    assert not app.main.get("arrow_table")
    charts = len(app.main.get("plotly_chart"))
    app.toggle(key="display_tables").set_value(True).run()
    tables = [table for table in app.table if "training" in table.value]
    assert len(tables) == charts == 2
    assert [list(table.value) for table in tables] == [["epochs", "training"]] * 2


def test_every_chart_goes_through_the_one_place_that_adds_tables() -> None:
    direct = []
    for folder in ("ui", "pages"):
        for path in (PROJECT / folder).rglob("*.py"):
            names = (
                node.attr
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Attribute)
            )
            if "plotly_chart" in names and path.name != "charts.py":
                direct.append(path.name)
    assert not direct
