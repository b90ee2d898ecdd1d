"""The screens of the convolution: their numbers follow the controls, and are NumPy's."""

from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest

from model_lib.datasets.loading import load_dataset
from model_lib.layers.convolution_demo import CLASSIC_FILTERS
from tests.pages.test_how_it_works import open_screen

_TEST = load_dataset("mnist").test


def _text(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def test_the_next_cell_of_the_convolution_has_the_sum_of_its_nine_products() -> None:
    app = open_screen(screen="convolution", example="5")
    key = "convolution_top_5"
    app.slider(key=key).set_value(8).run()
    top, left = app.slider(key=key).value, app.slider(key="convolution_left_5").value
    app.button(key="convolution_next").click().run()
    app.selectbox(key="convolution_filter").set_value("Sharpen").run()
    window = _TEST.images[5][top : top + 3, left + 1 : left + 4] / 255
    expected = float((window * np.array(CLASSIC_FILTERS["Sharpen"])).sum())
    assert app.code[0].value.endswith(f"= {expected:.2f}")
    assert app.number_input(key="convolution_column").value == 1
    app.number_input(key="convolution_row").set_value(2).run()
    window = _TEST.images[5][top + 2 : top + 5, left + 1 : left + 4] / 255
    expected = float((window * np.array(CLASSIC_FILTERS["Sharpen"])).sum())
    assert app.code[0].value.endswith(f"= {expected:.2f}")


def test_padding_and_stride_give_the_written_size() -> None:
    app = open_screen(screen="padding_and_stride")
    assert "is **26**" in _text(app)
    app.segmented_control(key="padding_filter").set_value("blur").run()
    assert "is **24**" in _text(app)
    app.segmented_control(key="padding_padding").set_value("same").run()
    assert "is **28**" in _text(app)
    app.segmented_control(key="padding_stride").set_value(3).run()
    assert "is **10**. The map has 10 x 10 = 100 numbers" in _text(app)


def test_pooling_says_the_largest_of_its_block_and_no_shift_changes_nothing() -> None:
    app = open_screen(screen="pooling")
    app.button(key="pooling_next").click().run()
    assert not app.exception
    line = next(each.value for each in app.markdown if each.value.startswith("The largest of"))
    block = [float(number) for number in line.split(" is ")[0].removeprefix("The largest of ").split(", ")]
    assert f"**{max(block):.2f}**" in line
    assert len(block) == 4
    app.select_slider(key="pooling_shift").set_value(0).run()
    (chart,) = [each for each in app.get("plotly_chart") if "Moved by" in each.proto.alt]
    assert chart.proto.alt.count("0.00") == 3


def test_the_parameters_of_a_chosen_network_are_counted() -> None:
    app = open_screen(screen="parameters")
    assert "**592,074 parameters**" in _text(app)
    app.selectbox(key="parameters_network").set_value("mlp_batchnorm").run()
    assert "**104,906 parameters**" in _text(app)
    assert "1,568 of them are not trained" in _text(app)
