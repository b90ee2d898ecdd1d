"""The legend below a chart, where names are too long to stand beside it."""

from typing import Final

from model_lib.figures.draft import FigureDraft

_ROW_PX: Final = 24
_LEFT_PX: Final = 84
_TOP_PX: Final = 60
_AXIS_PX: Final = 66


def put_legend_below(figure: FigureDraft, chart_px: int, rows: int) -> None:
    """Puts the legend at the lower edge of a chart, which is higher by it.

    Args:
        figure: the chart.
        chart_px: its height without the legend.
        rows: how many names the legend has.
    """
    legend_px = _ROW_PX * rows
    figure.update_layout(
        height=chart_px + legend_px,
        margin={"l": _LEFT_PX, "t": _TOP_PX, "b": _AXIS_PX + legend_px},
        legend={
            "orientation": "v",
            "x": 0,
            "xanchor": "left",
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            # Plotly's own limit is half of the chart: on a phone eight names would scroll in it.
            "maxheight": legend_px + _ROW_PX,
        },
    )
