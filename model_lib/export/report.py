"""A page to hand in: one HTML file of a run that opens without this app and without the internet.

Whatever anybody may have typed goes through `html.escape`; figures stand in the page as JSON without angle brackets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from model_lib.comparison.settings_text import settings_in_words
from model_lib.config.network import NetworkError
from model_lib.config.splits import held_out_images
from model_lib.config.summary import summarise
from model_lib.datasets.loading import DatasetError, class_names, load_dataset, title_of_test_set
from model_lib.evaluation.confusion import confusion_counts, top_confusions
from model_lib.evaluation.evaluation import Evaluation, EvaluationError, accuracy_interval
from model_lib.export.exported import ExportedNetwork
from model_lib.inference.weight_shapes import bound_layers
from model_lib.number_format import accuracy_text, probability_text
from model_lib.predictions import PredictionError
from model_lib.storage.history import History
from model_lib.storage.lineage import load_earlier
from model_lib.storage.run import RunError

if TYPE_CHECKING:
    import plotly.graph_objects as go

LONGEST_NAME: Final = 80
LONGEST_NOTES: Final = 10_000
MOST_MISTAKES: Final = 24
_MOST_FILTERS: Final = 64
_MOST_CONFUSIONS: Final = 5
_PAGE: Final = Path(__file__).with_name("report.html")
_BROUGHT: Final = "This network was brought as a file. How it was trained is not known here."
_NO_CURVES: Final = "The training of this network left no curves here."
_NO_ANSWERS: Final = "There are no answers to the test images: they are computed at the end of a training."


@dataclass(frozen=True)
class ReportTexts:
    """What the visitor typed; all of it may be empty.

    Args:
        name: who hands it in.
        notes: anything, in lines.
    """

    name: str = ""
    notes: str = ""


def report_of(network: ExportedNetwork, title: str, texts: ReportTexts) -> bytes:
    """Returns the page as one HTML file, some 5 MB, nearly all of it Plotly's script.

    Args:
        network: of which it tells; what it does not have is said in its place.
        title: what the network is called; any text.
        texts: see `ReportTexts`.

    Raises:
        RunError: if its network or settings are damaged.
    """
    from plotly.offline import get_plotlyjs

    figures: dict[str, go.Figure] = {}
    sections = "\n".join(
        (
            *_notes(texts),
            *_accuracies(network),
            *_curves(network, figures),
            *_layers(network),
            *_settings(network),
            *_answers(network, figures),
            *_filters(network),
        )
    )
    name = " ".join(texts.name.split())[:LONGEST_NAME]
    page = Template(_PAGE.read_text(encoding="utf-8")).substitute(
        title=escape(title),
        author=f'<p class="by">{escape(name)}</p>' if name else "",
        subtitle=escape(_subtitle(network)),
        sections=sections,
        plotly=get_plotlyjs(),
        figures=_as_json(figures),
    )
    return page.encode()


def _as_json(figures: dict[str, go.Figure]) -> str:
    """Returns the figures as JSON that cannot end the script element that it stands in."""
    plain = {place: figure.to_dict() for place, figure in figures.items()}
    for figure in plain.values():
        figure["layout"] = {key: value for key, value in figure["layout"].items() if key != "template"}
    text = json.dumps(plain, default=_plain, allow_nan=False)
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _plain(value: Any) -> Any:
    """Returns one of NumPy's values as JSON has it."""
    return value.tolist()


def _section(title: str, *parts: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n" + "\n".join(parts) + "\n</section>"


def _paragraph(text: str, is_quiet: bool = False) -> str:
    return f'<p class="quiet">{escape(text)}</p>' if is_quiet else f"<p>{escape(text)}</p>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Returns a table of texts.

    Args:
        head: titles of the columns.
        rows: a text a column.
        numbers: the columns that are aligned right.
    """

    def line(cells: Sequence[str], tag: str) -> str:
        classes = [' class="number"' if place in numbers else "" for place in range(len(cells))]
        return "<tr>" + "".join(f"<{tag}{c}>{escape(t)}</{tag}>" for t, c in zip(cells, classes, strict=True)) + "</tr>"

    body = "\n".join(line(row, "td") for row in rows)
    return f'<div class="wide"><table>\n<thead>{line(head, "th")}</thead>\n<tbody>\n{body}\n</tbody></table></div>'


def _subtitle(network: ExportedNetwork) -> str:
    run = network.run
    if run is None:
        return "The ready-made network of this app. Made with See a network learn."
    return f"Training {run.id}, {run.state}. Made with See a network learn."


def _notes(texts: ReportTexts) -> Iterator[str]:
    notes = texts.notes.strip()[:LONGEST_NOTES]
    if notes:
        yield _section("Notes", f'<p class="typed">{escape(notes)}</p>')


def _accuracies(network: ExportedNetwork) -> Iterator[str]:
    rows = []
    run = network.run
    held_out = len(held_out_images(network.config))
    if run is not None and held_out and not run.was_brought:  # its log's words are not this report's
        epochs = History(run.folder).update().epochs
        if epochs and (validation := epochs[-1].validation_accuracy) is not None:
            rows.append(_accuracy_row("Validation images", validation, held_out))
    evaluation = _evaluation(network)
    if evaluation is not None:
        images = len(evaluation.labels)
        rows.append(_accuracy_row(title_of_test_set(evaluation.dataset), evaluation.accuracy, images))
    if not rows:
        yield _section("How well it does", _paragraph(_NO_ANSWERS))
        return
    explained = (
        "The range is a 95 % confidence interval (Wilson): with other images of the same kind, the accuracy could as "
        "well be anywhere in it. It knows of chance in the images, not of chance in the training."
    )
    yield _section(
        "How well it does",
        _table(("measured on", "accuracy", "95 % range", "images", "wrong"), rows, (1, 2, 3, 4)),
        _paragraph(explained, is_quiet=True),
    )


def _accuracy_row(what: str, accuracy: float, images: int) -> tuple[str, ...]:
    low, high = accuracy_interval(accuracy, images)
    wrong = round((1 - accuracy) * images)
    return (
        what,
        accuracy_text(accuracy),
        f"{accuracy_text(low)} to {accuracy_text(high)}",
        f"{images:,}",
        f"{wrong:,}",
    )


def _curves(network: ExportedNetwork, figures: dict[str, go.Figure]) -> Iterator[str]:
    from model_lib.figures.curves import training_curve
    from model_lib.figures.text.description import describe_curve

    history = None if network.run is None else History(network.run.folder).update()
    if history is None or history.started is None or not history.epochs:
        yield _section("Learning curves", _paragraph(_NO_CURVES))
        return
    earlier, charts = load_earlier(history.folder), []
    for measure in ("loss", "accuracy"):
        figures[f"curve-{measure}"] = training_curve(
            history, measure, "epochs", history.started.epochs, earlier=earlier
        )
        words = describe_curve(history, measure, earlier)
        charts.append(f'<div class="chart" id="curve-{measure}" role="img" aria-label="{escape(words)}"></div>')
    yield _section(
        "Learning curves",
        '<div class="charts">' + "".join(charts) + "</div>",
        _paragraph("Point at a curve for its numbers; drag to enlarge, double-click to go back.", is_quiet=True),
    )


def _layers(network: ExportedNetwork) -> Iterator[str]:
    try:
        layers = summarise(network.spec)
    except NetworkError as error:
        yield _section("The network", _paragraph(str(error)))
        return
    rows = [(row.kind, row.detail, " × ".join(map(str, row.output_shape)), f"{row.parameters:,}") for row in layers]
    total = sum(row.parameters for row in layers)
    yield _section(
        "The network",
        _table(("layer", "options", "output", "parameters"), rows, (3,)),
        _paragraph(f"{total:,} parameters (weights and biases) in all."),
    )


def _settings(network: ExportedNetwork) -> Iterator[str]:
    if _is_brought(network):
        yield _section("Settings of the training", _paragraph(_BROUGHT))
        return
    words = settings_in_words(network.spec, network.config)
    rows = [(label, value) for label, value in words.items() if label != "layers" and ": " not in label]
    rows.append(("random seed", str(network.config.seed)))
    yield _section("Settings of the training", _table(("setting", "value"), rows))


def _answers(network: ExportedNetwork, figures: dict[str, go.Figure]) -> Iterator[str]:
    from model_lib.figures.confusion import confusion_matrix

    evaluation = _evaluation(network)
    if evaluation is None:
        return
    names, counts = class_names(evaluation.dataset), confusion_counts(evaluation)
    figures["confusion"] = confusion_matrix(counts, names)
    most = "; ".join(each.in_words(names) for each in top_confusions(counts, _MOST_CONFUSIONS))
    words = f"Most frequent mistakes: {most}." if most else "No test image is predicted wrongly."
    yield _section(
        "Confusion matrix",
        f'<div class="chart matrix" id="confusion" role="img" aria-label="{escape(words)}"></div>',
        _paragraph(words),
        _paragraph("A row is a label, a column a prediction; off the diagonal are the mistakes.", is_quiet=True),
    )
    yield _section(
        "Worst mistakes",
        _paragraph("Wrongly predicted test images with the largest loss (cross-entropy), the worst first."),
        _worst_mistakes(evaluation, names),
    )


def _worst_mistakes(evaluation: Evaluation, names: Sequence[str]) -> str:
    try:
        images = load_dataset(evaluation.dataset).test.images
    except DatasetError as error:
        return _paragraph(str(error))
    mistakes = np.flatnonzero(evaluation.is_mistake)
    worst = mistakes[np.argsort(-evaluation.losses[mistakes], kind="stable")][:MOST_MISTAKES]
    if not len(worst) or len(images) != len(evaluation.labels):
        return _paragraph("There are none." if not len(worst) else "The test images are others than they were.")
    from model_lib.figures.array_image import ColourScale, array_data_url
    from model_lib.figures.style import INK

    tiles = []
    for index in worst.tolist():
        label, told = names[int(evaluation.labels[index])], names[int(evaluation.predictions[index])]
        sure = probability_text(float(evaluation.confidences[index]))
        url = array_data_url(images[index] / 255, ColourScale(INK))
        caption = f"label {label}, predicted {told} ({sure}), image {index}"
        tiles.append(_tile(url, caption))
    return '<div class="tiles">' + "\n".join(tiles) + "</div>"


def _filters(network: ExportedNetwork) -> Iterator[str]:
    try:
        layers = bound_layers(network.spec)
        place = next((place for place, layer in enumerate(layers) if layer.kind == "Conv2D"), None)
        if place is None:
            return
        before = sum(len(layer.weight_shapes) for layer in layers[:place])
        kernel = network.weights()[before]  # (height, width, channels, filters)
    except (NetworkError, RunError, PredictionError):
        return  # without weights there are none to show
    if kernel.shape[2] != 1:
        return  # behind a dense layer a convolution reads units, not the image
    from model_lib.figures.array_image import ColourScale, array_data_url
    from model_lib.figures.style import DIVERGING

    filters = kernel[:, :, 0].transpose(2, 0, 1)
    limit = float(np.abs(filters).max()) or 1.0
    scale = ColourScale(DIVERGING, -limit, limit)
    shown = filters[:_MOST_FILTERS]
    tiles = [_tile(array_data_url(each, scale), f"filter {place}") for place, each in enumerate(shown)]
    first = "" if len(shown) == len(filters) else f" The first {len(shown)} of {len(filters)}."
    yield _section(
        "Filters of the first convolution",
        _paragraph(
            f"Each filter is a small pattern of weights. Blue is positive, red negative, up to {limit:.2f}; white is "
            f"zero.{first}"
        ),
        '<div class="tiles filters">' + "\n".join(tiles) + "</div>",
    )


def _tile(url: str, caption: str) -> str:
    words = escape(caption)
    return f'<figure><img src="{url}" alt="{words}"><figcaption>{words}</figcaption></figure>'


def _evaluation(network: ExportedNetwork) -> Evaluation | None:
    try:
        return network.evaluation()
    except EvaluationError:
        return None


def _is_brought(network: ExportedNetwork) -> bool:
    """Returns whether it came as a network alone, without a training; a packed run has one."""
    return network.run is not None and network.run.has_no_training
