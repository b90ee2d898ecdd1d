"""The page to hand in: one file that asks for nothing outside, in which typed text stays text."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix
from statsmodels.stats.proportion import proportion_confint

from model_lib.evaluation.evaluation import load_evaluation
from model_lib.export.exported import ExportedNetwork
from model_lib.export.report import MOST_MISTAKES, ReportTexts, report_of
from model_lib.files import write_json
from model_lib.storage.events import EpochEnd, append_event
from model_lib.storage.history import History
from model_lib.storage.run import ORIGIN_FILE, Run
from tests.support.fake_evaluations import answers, finished_run

_LARGEST_BYTES = 7_000_000
_HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \" onload='x' $plotly ${figures} &amp;"
_OUTSIDE = ("src", "href", "srcset", "action", "data", "poster", "background", "formaction")


class _Page(HTMLParser):
    """What a browser would make of the page: elements with attributes, and the text outside scripts and styles."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.figures = ""
        self.cells: list[str] = []
        self.text = ""
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self._open.append((tag, dict(attrs)))
            if tag == "td":
                self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, "elements end in the order in which they began"

    def handle_data(self, data: str) -> None:
        tag, attributes = self._open[-1] if self._open else ("", {})
        if attributes.get("id") == "figures":
            self.figures += data
        elif tag not in ("script", "style"):
            self.text += data
            if tag == "td":
                self.cells[-1] += data


@pytest.fixture
def page(trained_run: Run) -> _Page:
    content = report_of(ExportedNetwork(str(trained_run.folder)), trained_run.title, ReportTexts("Ada", "One\nTwo"))
    assert len(content) < _LARGEST_BYTES
    return _Page(content)


def test_the_page_asks_for_nothing_outside_and_has_plotly_once(page: _Page) -> None:
    addresses = [attributes[name] for _, attributes in page.elements for name in _OUTSIDE if name in attributes]
    assert len(addresses) == MOST_MISTAKES
    assert all(address is not None and address.startswith("data:image/png;base64,") for address in addresses)
    assert not [tag for tag, _ in page.elements if tag in ("link", "iframe", "object", "embed", "form", "base", "a")]
    assert [tag for tag, _ in page.elements].count("script") == 3
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and policy.startswith("default-src 'none'") and "http:" not in policy


def test_its_numbers_are_those_of_the_run(page: _Page, trained_run: Run) -> None:
    evaluation = load_evaluation(trained_run.folder)
    right, images = int((evaluation.predictions == evaluation.labels).sum()), len(evaluation.labels)
    low, high = proportion_confint(right, images, method="wilson")
    row = page.cells.index("MNIST's test images")
    interval = f"{100 * low:.2f} % to {100 * high:.2f} %"
    expected = [f"{100 * right / images:.2f} %", interval, f"{images:,}", f"{images - right:,}"]
    assert page.cells[row + 1 : row + 5] == expected
    drawn = json.loads(page.figures)
    assert list(drawn) == ["curve-loss", "curve-accuracy", "confusion"]
    counts = confusion_matrix(evaluation.labels, evaluation.predictions)
    texts = next(trace for trace in drawn["confusion"]["data"] if trace.get("mode") == "text")
    told = {(y, x): text for x, y, text in zip(texts["x"], texts["y"], texts["text"], strict=True)}
    assert told == {(str(y), str(x)): f"{counts[y, x]:,}" for y, x in np.argwhere(counts).tolist()}
    parameters = History(trained_run.folder).update().started
    assert parameters is not None and f"{parameters.parameters:,} parameters" in page.text


def test_the_worst_mistakes_are_those_with_the_largest_loss(tmp_path: Path) -> None:
    evaluation = answers(30)
    run = finished_run(tmp_path, evaluation)
    page = _Page(report_of(ExportedNetwork(str(run.folder)), "A", ReportTexts()))
    of_label = evaluation.probabilities[np.arange(10_000), evaluation.labels]
    order = np.argsort(of_label, kind="stable")
    wrong = order[evaluation.is_mistake[order]].tolist()
    captions = [str(attributes["alt"]) for tag, attributes in page.elements if tag == "img"]
    assert [int(caption.rsplit(" ", 1)[1]) for caption in captions] == wrong[:MOST_MISTAKES]
    assert "left no curves" in page.text


def test_the_validation_accuracy_in_the_log_of_a_brought_run_is_none_of_the_reports_numbers(tmp_path: Path) -> None:
    run = finished_run(tmp_path, answers(30))
    append_event(run.folder, EpochEnd(epoch=1, loss=0.1, accuracy=1.0, validation_accuracy=1.0, seconds=1.0))

    def has_row() -> bool:
        return "Validation images" in _Page(report_of(ExportedNetwork(str(run.folder)), "A", ReportTexts())).cells

    assert has_row()
    write_json(run.folder / ORIGIN_FILE, {"packed": True})
    assert not has_row()


def test_what_somebody_typed_stays_text(trained_run: Run) -> None:
    network = ExportedNetwork(str(trained_run.folder))
    harmless = _Page(report_of(network, "A", ReportTexts("B", "C")))
    page = _Page(report_of(network, _HOSTILE, ReportTexts(_HOSTILE[:80], f"{_HOSTILE}\n{_HOSTILE}")))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in harmless.elements]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text.count(_HOSTILE) == 4  # title, heading, and twice in the notes
    assert _HOSTILE[:80] in page.text


def test_the_ready_made_network_has_its_filters_and_no_curves() -> None:
    page = _Page(report_of(ExportedNetwork(None), "Ready-made", ReportTexts()))
    assert "Filters of the first convolution" in page.text and "left no curves" in page.text
    assert list(json.loads(page.figures)) == ["confusion"]
