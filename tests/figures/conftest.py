import json
from typing import Any

import plotly.graph_objects as go
import plotly.io
import pytest

from model_lib.figures.draft import FigureDraft, PlainFigure


def as_sent(figure: dict[str, Any]) -> Any:
    return json.loads(plotly.io.to_json(figure, validate=False))


@pytest.fixture(autouse=True)
def _each_figure_is_sent_as_plotly_would_send_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds for whatever a test of a figure draws: nothing is left that Plotly would have spelled out, or refused."""
    build = FigureDraft.build

    def build_and_compare(draft: FigureDraft) -> PlainFigure:
        sent = build(draft).to_dict()
        assert as_sent(sent) == as_sent(go.Figure(sent).to_dict())
        return build(draft)

    monkeypatch.setattr(FigureDraft, "build", build_and_compare)
