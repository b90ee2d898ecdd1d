"""Figures of the screens on training: the traces hold the numbers, and meanings hang on more than a colour."""

from __future__ import annotations

import numpy as np

from model_lib.concepts.training.batches import GradientNoise, LossCurve
from model_lib.figures.concepts.training.batches import epoch_figure, loss_curves_figure, noise_figure
from model_lib.figures.concepts.training.step import (
    LossSeries,
    batch_figure,
    gradient_figure,
    kernel_change_figure,
    losses_figure,
    ten_numbers_figure,
)
from model_lib.figures.concepts.training.surface import (
    PATH_STYLES,
    SurfacePath,
    SurfaceWords,
    path_losses_figure,
    surface_figure,
)
from model_lib.figures.text.table import figure_table

_TICKS = np.linspace(-0.5, 1.5, 21)
_LOSSES = 0.3 + (_TICKS[None, :] - 0.5) ** 2 + 4 * (_TICKS[:, None] - 1.0) ** 2
_WORDS = SurfaceWords("surface", "x", "y", "loss")
_NETWORKS = [("A", 0.0, 0.0), ("C", 0.5, 1.0)]


def _path(name: str, place: int) -> SurfacePath:
    points = np.array([[1.0, 0.0], [0.8, 0.4], [0.6, 0.9]])
    return SurfacePath(name, points, np.array([5.0, 2.0, 0.5]), PATH_STYLES[place])


def test_every_second_point_of_a_surface_can_be_clicked_and_its_axes_have_one_scale() -> None:
    figure = surface_figure(_LOSSES, _TICKS, _NETWORKS, [_path("SGD", 0)], _WORDS)
    contour, targets = figure.data[0], figure.data[-1]
    np.testing.assert_allclose(2.0 ** np.array(contour.z), _LOSSES)
    assert len(targets.customdata) == 11 * 11
    place = 5 * 11 + 3
    assert tuple(targets.customdata[place]) == (_TICKS[6], _TICKS[10])
    assert targets.hovertext[place].startswith(f"loss {_LOSSES[10, 6]:.3f}")
    assert figure.layout.yaxis.scaleanchor == "x"
    levels = next(each for each in figure.data if each.text is not None and "1" in each.text)
    x = np.array(levels.x, float)
    np.testing.assert_allclose(0.3 + (x - 0.5) ** 2, np.array(levels.text, float), rtol=0.05)


def test_paths_are_told_apart_without_their_colours() -> None:
    assert len({(style.dash, style.symbol) for style in PATH_STYLES}) == len(PATH_STYLES)
    paths = [_path("SGD", 0), _path("Adam", 3)]
    figure = path_losses_figure(paths, "losses", "step", "loss")
    assert [trace.name for trace in figure.data] == ["SGD", "Adam"]
    assert len({(trace.line.dash, trace.marker.symbol) for trace in figure.data}) == 2
    assert figure_table(figure)["Adam"] == ["5", "2", "0.5"]
    assert surface_figure(_LOSSES, _TICKS, _NETWORKS, paths, _WORDS).layout.showlegend


def test_the_numbers_of_each_image_stand_in_its_column_with_a_frame_around_its_label() -> None:
    numbers = np.arange(20.0).reshape(2, 10)
    figure = ten_numbers_figure(numbers, [7, 2], ["one", "two"], "sums", "digit", 2)
    np.testing.assert_array_equal(figure.data[0].z, numbers.T)
    frames = {(shape.x0, shape.y0) for shape in figure.layout.shapes}
    assert frames == {(-0.5, 6.5), (0.5, 1.5)}


def test_losses_before_and_after_are_bars_of_two_patterns() -> None:
    series = [LossSeries("before", np.array([2.0, 1.0])), LossSeries("after", np.array([1.5, 0.5]))]
    figure = losses_figure(series, ["one", "two"], "losses", "loss")
    assert [list(trace.y) for trace in figure.data] == [[2.0, 1.0], [1.5, 0.5]]
    assert figure.data[0].marker.pattern.shape != figure.data[1].marker.pattern.shape


def test_gradient_and_weights_are_images_of_28_pixels_a_side() -> None:
    gradient = np.random.default_rng(0).normal(size=(784, 10))
    assert len(gradient_figure(gradient, [(0, 3)], "gradient", "scale").layout.shapes) == 3  # one frame, with its edges
    assert len(kernel_change_figure(gradient.T[:2], ["one", "two"], "weights", "scale").data[-1].customdata) == 2
    assert len(batch_figure(np.zeros((4, 28, 28), np.uint8), list("abcd"), "batch").data[-1].customdata) == 4


def test_an_epoch_is_cut_where_batches_end() -> None:
    figure = epoch_figure(60_000, 16_384, "epoch", ("whole", "first"), "share")
    cuts = [np.array(trace.x, float) for trace in figure.data if trace.type == "scatter" and trace.y[0] < 0.5]
    np.testing.assert_allclose(cuts[0][::3] * 60_000, [16_384, 32_768, 49_152])
    whole = epoch_figure(60_000, 60_000, "epoch", ("whole", "first"), "share")
    assert [trace.type for trace in whole.data] == ["bar", "bar", "bar"]
    many = epoch_figure(60_000, 1, "epoch", ("whole", "first"), "share")
    assert [trace.type for trace in many.data].count("scatter") == 2  # of the enlarged bar alone


def test_the_noise_has_its_expectation_as_a_dashed_line_and_a_ring_at_the_chosen_size() -> None:
    noise = GradientNoise((1, 4, 16), np.array([4.1, 1.9, 1.0]), np.array([4.0, 2.0, 1.0]), 0.3)
    line, points, ring = noise_figure(noise, 4, "noise", ("size", "distance"), ("measured", "expected")).data
    assert (line.line.dash, list(points.y)) == ("dash", [4.1, 1.9, 1.0])
    assert (ring.x[0], ring.y[0]) == (4, 2.0)
    assert len(noise_figure(noise, 64, "noise", ("size", "distance"), ("measured", "expected")).data) == 2


def test_loss_curves_count_steps_or_images() -> None:
    curves = [LossCurve(32, np.array([0, 1, 10]), np.array([2.3, 2.0, 1.0]))]
    for over, expected in (("steps", [1, 10]), ("images", [32, 320])):
        figure = loss_curves_figure(curves, over, "losses", (over, "loss"), ["batches of 32"])
        assert list(figure.data[0].x) == expected
        assert list(figure.data[0].y) == [2.0, 1.0]
