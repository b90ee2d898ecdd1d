"""Colours by computation: contrast with both pages, and distances in four kinds of colour vision.

Colour blindness is simulated, and distances are computed, by colorspacious: Machado, Oliveira and Fernandes, "A
Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), at full severity; CAM02-UCS of Luo, Cui
and Li, "Uniform colour spaces based on CIECAM02 colour appearance model" (2006), in which 1 can just be seen.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from typing import Any, Final

import numpy as np
import plotly.colors
import pytest
from colorspacious import cspace_convert, deltaE
from numpy.typing import NDArray

from model_lib.datasets.loading import DIGIT_NAMES
from model_lib.figures import style
from model_lib.figures.confusion import confusion_matrix
from tests.support.app_server import PROJECT
from tests.support.contrast import contrast, rgb

_THEMES: Final = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
_MODES: Final = ("light", "dark")
_PAGES: Final = {mode: _THEMES[mode]["backgroundColor"] for mode in _MODES}
_MEANINGS: Final = ("LABEL", "PREDICTION", "MISTAKE", "SELECTION", "COMPARISON", "REST")
_ON_CARD: Final = ("ON_CARD_TEXT", "ON_CARD_LABEL", "ON_CARD_MISTAKE")
_VISIONS: Final = ("normal", "protanomaly", "deuteranomaly", "tritanomaly")
# Two colours side by side on a chart are told apart at a glance; colours that fail differ by 1 to 7.
_LEAST_DISTANCE: Final = 15.0


def _seen(colour: str, vision: str) -> NDArray[np.float64]:
    if vision == "normal":
        return rgb(colour)
    space = {"name": "sRGB1+CVD", "cvd_type": vision, "severity": 100}
    return np.clip(cspace_convert(rgb(colour), space, "sRGB1"), 0.0, 1.0)


def _distance(one: str, other: str, vision: str) -> float:
    return float(deltaE(_seen(one, vision), _seen(other, vision), input_space="sRGB1"))


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("name", _MEANINGS)
def test_every_meaning_stands_out_from_both_pages(name: str, mode: str) -> None:
    assert contrast(rgb(getattr(style, name)), rgb(_PAGES[mode])) >= 3.0


@pytest.mark.parametrize("vision", _VISIONS)
def test_no_two_meanings_look_alike_in_any_colour_vision(vision: str) -> None:
    for one, other in itertools.combinations(_MEANINGS, 2):
        assert _distance(getattr(style, one), getattr(style, other), vision) >= _LEAST_DISTANCE, (one, other)


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("colour", style.RUNS)
def test_every_compared_run_stands_out_from_both_pages(colour: str, mode: str) -> None:
    assert contrast(rgb(colour), rgb(_PAGES[mode])) >= 3.0


@pytest.mark.parametrize("vision", _VISIONS)
def test_no_two_compared_runs_and_the_grey_of_the_others_look_alike_in_any_colour_vision(vision: str) -> None:
    for one, other in itertools.combinations((*style.RUNS, style.REST), 2):
        assert _distance(one, other, vision) >= _LEAST_DISTANCE, (one, other)


def test_no_compared_run_is_red_as_a_mistake_is_and_each_has_a_symbol_of_its_own() -> None:
    assert min(_distance(colour, style.MISTAKE, "normal") for colour in style.RUNS) >= 14.0
    assert len(set(style.RUN_SYMBOLS) - {style.MISTAKE_SYMBOL}) == len(style.RUNS) == 8


def test_each_class_and_a_mistake_have_a_symbol_of_their_own() -> None:
    assert len({*style.CLASS_SYMBOLS, style.MISTAKE_SYMBOL}) == len(style.CLASSES) + 1 == 11


@pytest.mark.parametrize("name", _ON_CARD)
def test_captions_on_a_card_can_be_read(name: str) -> None:
    assert contrast(rgb(getattr(style, name)), rgb(style.CARD)) >= 4.5


@pytest.mark.parametrize("vision", _VISIONS)
def test_captions_on_a_card_are_told_apart(vision: str) -> None:
    for one, other in itertools.combinations(_ON_CARD, 2):
        assert _distance(getattr(style, one), getattr(style, other), vision) >= _LEAST_DISTANCE, (one, other)


@pytest.mark.parametrize("mode", _MODES)
def test_the_themes_text_and_what_is_red_in_it_can_be_read(mode: str) -> None:
    theme = _THEMES[mode]
    for page in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        caption = 0.6 * rgb(theme["textColor"]) + 0.4 * rgb(page)  # Streamlit's captions
        for colour in (rgb(theme["textColor"]), caption, rgb(theme["redTextColor"])):
            assert contrast(colour, rgb(page)) >= 4.5
    assert contrast(rgb(theme["primaryColor"]), rgb(theme["backgroundColor"])) >= 3.0


@pytest.mark.parametrize(
    "colour", [style.MISTAKE, style.ON_CARD_MISTAKE, *(_THEMES[mode]["redColor"] for mode in _MODES)]
)
def test_red_is_red(colour: str) -> None:
    _, _, hue = cspace_convert(rgb(colour), "sRGB1", "JCh")
    red, _, _ = cspace_convert([1.0, 0.0, 0.0], "sRGB1", "JCh")[[2, 0, 1]]
    assert abs((hue - red + 180) % 360 - 180) <= 15


@pytest.mark.parametrize("mode", _MODES)
def test_the_page_colours_the_answer_the_other_bars_and_what_is_chosen_as_the_figures_would(mode: str) -> None:
    theme = _THEMES[mode]
    colours = (theme["violetColor"], theme["grayColor"], theme["orangeColor"])
    assert colours == (style.PREDICTION, style.REST, style.SELECTION)


@pytest.mark.parametrize("mode", _MODES)
def test_numbers_can_be_read_on_every_cell_of_the_confusion_matrix(mode: str) -> None:
    counts = np.diag([1000] * 10)
    counts[0, 1:] = [1, 2, 5, 10, 20, 50, 100, 200, 300]
    figure = confusion_matrix(counts, DIGIT_NAMES)
    page, text = rgb(_PAGES[mode]), rgb(_THEMES[mode]["textColor"])
    for cells in figure.data[:2]:
        (_, empty), (_, full) = cells.colorscale
        ends = np.array([[*_channels(empty)], [*rgb(full), 1.0]])
        for share in np.nan_to_num(np.asarray(cells.z, float)).ravel() / cells.zmax:
            *colour, opacity = (1 - share) * ends[0] + share * ends[1]
            assert contrast(opacity * np.array(colour) + (1 - opacity) * page, text) >= 4.5, (cells.name, share)


def _channels(rgba: str) -> NDArray[np.float64]:
    *colour, opacity = (float(each) for each in re.findall(r"[\d.]+", rgba))
    return np.array([*np.array(colour) / 255, opacity])


@pytest.mark.parametrize("scale", [style.SEQUENTIAL, style.DIVERGING, style.INK])
def test_a_frame_stands_out_from_every_colour_of_an_image(scale: str) -> None:
    named = {"black": "#000000", "white": "#FFFFFF"}
    lines = [rgb(named.get(str(line["color"]), str(line["color"]))) for line in style.edged(style.SELECTION, 4)]
    for place in np.linspace(0.0, 1.0, 33):
        colour = np.array(plotly.colors.sample_colorscale(scale, [place], colortype="tuple")[0])
        assert max(contrast(line, colour) for line in lines) >= 3.0


# Everything that may stand where a colour does, in Python, CSS and JavaScript.
_COLOUR: Final = re.compile(
    r"""\#(?:[0-9a-fA-F]{3,4}){1,2}\b | \b(?:rgb|hsl)a?\( |
    ["'](?:white|black|red|blue|gr[ae]y)["'] | :[ ]?(?:white|black);""",
    re.VERBOSE,
)
# Canvas, grid and pen are white on black in every theme, as the images are.
_MAY: Final = {
    "model_lib/figures/style.py",
    "ui/draw/canvas.py",
    "ui/draw/pixel_grid.css",
    "model_lib/export/notebook.py",  # charts of the visitor's own program
    "ui/shared/hand_over/qr_code.py",  # a camera reads black on white
}


# The code of a picture is the visitor's own program.
_PROGRAMS: Final = "model_lib/figure_code/"


def test_no_colour_is_hard_coded_outside_the_palette() -> None:
    found: dict[str, Any] = {}
    for folder in ("model_lib", "ui", "pages"):
        for path in (PROJECT / folder).rglob("*"):
            name = path.relative_to(PROJECT).as_posix()
            if path.suffix in (".py", ".css", ".js") and name not in _MAY and not name.startswith(_PROGRAMS):
                text = re.sub(r'"""(?s:.*?)"""|#(?! ?[0-9a-fA-F]{3}).*', "", path.read_text(encoding="utf-8"))
                if colours := _COLOUR.findall(text):
                    found[name] = colours
    assert not found
