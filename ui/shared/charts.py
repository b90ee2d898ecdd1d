"""Charts that can be saved as a picture and clicked on; all of the app's go through here, for the tables below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import plotly.graph_objects as go
import streamlit as st

from model_lib.figures.draft import PlainFigure
from model_lib.figures.text.table import figure_table
from ui.shared.display import has_tables, is_projector
from ui.shared.figure_code import FigureCode, show_code

_IMAGE = {"format": "png", "scale": 2}
# The tool bar stays visible: its camera saves the picture.
_BASE = {"displaylogo": False, "displayModeBar": True, "toImageButtonOptions": _IMAGE}
_PICTURE = _BASE | {"modeBarButtons": [["toImage"]]}
_ZOOMED = _BASE | {"modeBarButtons": [["toImage", "zoomIn2d", "zoomOut2d", "resetScale2d"]]}
_CONFIGS: Final[dict[str, dict[str, Any]]] = {"picture": _PICTURE, "all": _BASE, "none": {"displayModeBar": False}}
# Longer ones scroll in their place, and very long ones are drawn as far as they are seen.
_MOST_ROWS: Final = 20
_MOST_ELEMENTS: Final = 200
_TABLE_PX: Final = 400
_PROJECTOR_FONT: Final = '"Source Sans", sans-serif, projector'


def show_chart(
    figure: go.Figure,
    key: str,
    alt: str,
    tools: Literal["picture", "all", "none"] = "picture",
    *,
    code: FigureCode | None = None,
) -> None:
    """Shows a figure as wide as it is made, or as wide as there is room.

    Args:
        figure: what to show.
        key: a stable name.
        alt: what it shows, in words.
        tools: the buttons of its tool bar: one that saves the picture, all of Plotly's, or none.
        code: of the figure, offered below it; of figures that belong together one has it, or `show_code` shows it.
    """
    _show(figure, key, alt, _CONFIGS[tools], code)


def clickable_chart(
    figure: go.Figure,
    key: str,
    alt: str,
    on_click: Callable[[Any], None],
    file_name: str | None = None,
    *,
    code: FigureCode | None = None,
) -> None:
    """Shows a figure whose markers answer to clicks.

    Args:
        figure: with markers that bear custom data.
        key: a stable name; other content needs another one, or a click on the same place would not be seen again.
        alt: what it shows, in words.
        on_click: is given the clicked marker's custom data, before the page (or its fragment) runs again.
        file_name: of the picture that the chart's tool bar saves. It then shows on hover only: it would hide an image
            of a figure that is filled with images.
        code: see `show_chart`.
    """
    config = _ZOOMED if figure.to_dict()["layout"].get("dragmode") == "pan" else _PICTURE
    if file_name is not None:
        config = _PICTURE | {"displayModeBar": "hover", "toImageButtonOptions": _IMAGE | {"filename": file_name}}

    def take() -> None:
        data = clicked(key)
        if data is not None:
            on_click(data)

    _show(figure, key, alt, config, code, on_select=take, selection_mode="points")


def _show(
    figure: go.Figure, key: str, alt: str, config: Mapping[str, Any], code: FigureCode | None, **clicks: Any
) -> None:
    width: int | None = figure.to_dict()["layout"].get("width")
    if is_projector():
        figure = _measured_anew(figure)
    options = {"width": width or "stretch", "key": key, "config": config, "alt": alt} | clicks
    if code is None and not has_tables():
        st.plotly_chart(figure, **options)
        return
    with st.container(width="stretch" if width is None else "content", gap="xxsmall"):
        st.plotly_chart(figure, **options)
        if code is not None:
            show_code(code)
        if has_tables() and (table := figure_table(figure)):
            _show_table(table, alt)


def _measured_anew(figure: go.Figure) -> go.Figure:
    """Returns the figure in a font family of another name: Plotly keeps the sizes of texts by their text and style.

    Those that it has measured before the stylesheet of the projector view came would overlap.
    """
    plain = figure.to_dict()
    font = plain["layout"].get("font", {}) | {"family": _PROJECTOR_FONT}
    return PlainFigure(plain | {"layout": plain["layout"] | {"font": font}})


def _show_table(table: Mapping[str, Sequence[str]], alt: str) -> None:
    rows = len(next(iter(table.values())))
    if rows > _MOST_ELEMENTS:
        st.dataframe(table, hide_index=True, height=_TABLE_PX, alt=alt)
    else:
        st.table(table, hide_index=True, height=_TABLE_PX if rows > _MOST_ROWS else "content", alt=alt)


def clickable_charts(
    figures: Sequence[go.Figure], key: str, alt: str, on_click: Callable[[Any], None], *, code: FigureCode | None = None
) -> None:
    """Shows figures that belong together, side by side where there is room, and the code of all of them."""
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True):
            for number, figure in enumerate(figures):
                clickable_chart(figure, f"{key}-{number}", alt, on_click)
        if code is not None:
            show_code(code)


def clicked(key: str) -> Any | None:
    """Returns the custom data of the point that was clicked in a chart, or None."""
    event = st.session_state.get(key)
    points = event["selection"]["points"] if event else []
    return points[0].get("customdata") if points else None


def choose_listed_image(label: str, titles: Mapping[int, str], key: str, on_choose: Callable[[int], None]) -> None:
    """Shows a list beside a sheet whose images can be clicked; a choice does the same as a click.

    Args:
        label: of the list.
        titles: what a visitor calls each image, by its index in the test set, in the order of the sheet.
        key: a stable name; another one for other images.
        on_choose: is given the index, before the page (or its fragment) runs again.
    """
    list_key = f"list-{key}"

    def choose() -> None:
        index = st.session_state[list_key]
        if index is not None:
            on_choose(index)

    st.selectbox(
        label,
        list(titles),
        index=None,
        format_func=lambda index: titles.get(index, str(index)),
        key=list_key,
        on_change=choose,
        placeholder="Choose or type a number",
        help="The images of the sheet; to choose one does what a click on it does.",
        width=400,
    )
