import copy
import pickle

import numpy as np
import plotly.graph_objects as go
import pytest

from model_lib.figures.draft import FigureDraft
from tests.figures.conftest import as_sent

SHARED = {"size": 14, "color": "black"}


def test_a_draft_becomes_the_figure_that_plotly_makes_step_by_step() -> None:
    ours, plotlys = FigureDraft(), go.Figure()
    for figure in (ours, plotlys):
        figure.add_scatter(x=[1, 2], y=np.array([3.5, np.nan]), marker={"color": "red", "line": {"width": 2}})
        figure.add_bar(x=np.array(["one", "two"]), y=np.array([70_000, -(2**40)]))
        figure.add_heatmap(z=np.eye(3, dtype=np.float32), text=np.array([["a", "b"]]))
        figure.add_shape(type="rect", x0=0, y0=1, x1=2, y1=3)
        figure.add_annotation(text="here", x=1, y=2)
        figure.update_layout(title={"text": "one", "font": {"size": 18}}, margin={"l": 1, "r": 2})
        figure.update_layout(title={"text": "two"}, margin={"l": 9})
        figure.update_xaxes(title={"text": "across"}, tickfont=SHARED, dtick=1)
        figure.update_xaxes(dtick=None)
        figure.update_yaxes(range=[1, 0], tickfont=SHARED)
        figure.update_yaxes(tickfont={"size": 20})
    built = ours.build()
    assert as_sent(built.to_dict()) == as_sent(plotlys.to_dict())
    assert built.data[0].marker.line.width == 2  # Plotly's objects, made now
    assert as_sent(built.to_dict()) == as_sent(plotlys.to_dict())


def test_a_draft_changes_no_dictionary_of_its_caller() -> None:
    figure = FigureDraft()
    figure.add_scatter(x=[1], y=[1], selected={"marker": SHARED}, unselected={"marker": SHARED})
    figure.update_last_trace(selected={"marker": {"size": 99}})
    figure.update_xaxes(tickfont=SHARED)
    figure.update_xaxes(tickfont={"size": 99})
    assert SHARED == {"size": 14, "color": "black"}
    assert figure.build().to_dict()["data"][0]["unselected"]["marker"]["size"] == 14


def test_a_figure_is_copied_and_pickled_as_plotlys_own() -> None:
    figure = FigureDraft()
    figure.add_scatter(x=np.arange(3.0), y=[1, 2, 3])
    figure.update_layout(title={"text": "one"})
    built = figure.build()
    for copied in (copy.deepcopy(built), pickle.loads(pickle.dumps(built))):
        assert as_sent(copied.to_dict()) == as_sent(built.to_dict())
        assert copied.layout.title.text == "one"


def test_plotly_refuses_what_it_does_not_know() -> None:
    figure = FigureDraft()
    figure.update_layout(colour="red")
    with pytest.raises(ValueError, match="colour"):
        figure.build()
