"""Your image set: a file is read, kept, tested on, reviewed, taken home, trained with, deleted and brought back."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model_lib.datasets.image_set_names import split_name
from model_lib.datasets.image_sets import MOST_SETS, ImageSet, ImageSetCollection
from model_lib.datasets.loading import Split, load_dataset
from model_lib.evaluation.evaluation import load_evaluation
from model_lib.number_format import accuracy_text
from model_lib.predictions import PRETRAINED_FOLDER
from model_lib.runs import list_runs
from tests.image_sets.files import csv_of, png, zip_of, zip_of_split
from tests.support.app_server import PROJECT
from tests.support.copied_runs import copy_of
from tests.support.fake_evaluations import answers, finished_run
from ui.own_images import kept

OWNER = "0123456789ab"
TEST = load_dataset("mnist").test
COUNT = 400
IMAGES, LABELS = TEST.images[:COUNT], TEST.labels[:COUNT]


def open_page(page: str = "own_images", **address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    app.query_params["digits"] = OWNER
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    return go_to(app, page)


def go_to(app: AppTest, page: str) -> AppTest:
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    # Train a network shows how its workers start, which nobody waits for here.
    return app if page == "train" else settled(app)


def settled(app: AppTest) -> AppTest:
    """Lets the page run again until the network's answers are there: the nearest training images take longer."""
    assert not app.exception
    while app.get("progress") and not any(each.value.startswith("Test image") for each in app.header):
        time.sleep(0.1)
        app.run()
        assert not app.exception
    return app


def bring(app: AppTest, content: bytes, name: str = "mine.zip") -> AppTest:
    app.file_uploader[0].upload(name, content, "application/octet-stream").run()
    return settled(app)


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    return settled(app)


def text_of(app: AppTest) -> str:
    kinds: tuple[Any, ...] = (
        app.markdown, app.error, app.info, app.warning, app.success, app.caption, app.title, app.header, app.text,
    )  # fmt: skip
    return " ".join(str(element.value) for kind in kinds for element in kind)


def metrics_of(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def keep(start: int = 0, count: int = COUNT, title: str = "my set") -> ImageSet:
    split = Split(TEST.images[start : start + count], TEST.labels[start : start + count])
    return ImageSetCollection(OWNER).add(split, title, [f"7/{place}.png" for place in range(count)])


@pytest.fixture(scope="module")
def bundled_accuracy() -> float:
    """The bundled network's accuracy on the first test images of MNIST, from the evaluation that ships with it."""
    evaluation = load_evaluation(PRETRAINED_FOLDER)
    return float((evaluation.probabilities[:COUNT].argmax(axis=1) == LABELS).mean())


def test_the_empty_page_says_what_to_bring_and_offers_examples() -> None:
    app = open_page()
    assert app.title[0].value == "Your image set"
    assert [button.label for button in app.get("download_button")] == ["Example zip", "Example CSV"]
    assert not app.header and not app.metric


def test_a_file_is_read_shown_and_kept_and_the_network_is_tested_on_it(bundled_accuracy: float) -> None:
    app = bring(open_page(), zip_of_split(IMAGES, LABELS))
    assert len(app.get("plotly_chart")) == 3
    assert app.text_input[0].value == "mine"
    press(app, "Keep this set")
    assert metrics_of(app) == {
        "Images": "400",
        "Accuracy": accuracy_text(bundled_accuracy),
        "Mistakes": str(round((1 - bundled_accuracy) * COUNT)),
    }
    assert [each.title for each in ImageSetCollection(OWNER).sets()] == ["mine"]
    assert metrics_of(open_page())["Images"] == "400", "another visit finds it again"


def test_review_mistakes_offers_the_set_and_shows_all_of_its_views(bundled_accuracy: float) -> None:
    mine = keep()
    app = press(open_page(), "Review its mistakes")
    assert app.title[0].value == "Review mistakes"
    assert app.query_params["test"] in (mine.name, [mine.name])
    control = next(each for each in app.get("button_group") if each.label == "Tested on")
    assert control.value == mine.name
    assert metrics_of(app)["Test accuracy"] == accuracy_text(bundled_accuracy)
    for view in ("image", "classes", "certainty", "labels"):
        app = open_page("review_mistakes", test=mine.name, view=view, image=f"{mine.name}-3")
        assert not app.error and not app.warning
        if view == "image":
            assert any(header.value == "Test image 3" for header in app.header)
            assert "From 7/3.png" in text_of(app)
    app = open_page("look_inside", image=f"{mine.name}-3")
    images = next(each for each in app.get("button_group") if each.label == "Image")
    assert "Own image set (400 images), image 3" in [getattr(each, "content", each) for each in images.options]


def test_a_trained_run_has_on_a_set_of_test_images_the_accuracy_that_it_has_on_these_images(
    trained_run: Any, runs_folder: Path
) -> None:
    mine, run = keep(), copy_of(trained_run, runs_folder)
    of_all = load_evaluation(run.folder)
    expected = float((of_all.probabilities[:COUNT].argmax(axis=1) == LABELS).mean())
    for _ in range(2):  # made, and read again from its file
        app = open_page("review_mistakes", run=run.id, test=mine.name)
        assert metrics_of(app)["Test accuracy"] == accuracy_text(expected)
        assert load_evaluation(run.folder, mine.name).dataset == mine.name
    assert "Predictions of all networks" in " ".join(
        each.value for each in open_page("review_mistakes", run=run.id, test=mine.name, view="image").subheader
    )
    other = keep(1)
    app = open_page("review_mistakes", run=run.id, test=other.name)
    shifted = float((of_all.probabilities[1 : COUNT + 1].argmax(axis=1) == TEST.labels[1 : COUNT + 1]).mean())
    assert metrics_of(app)["Test accuracy"] == accuracy_text(shifted)


def test_a_set_of_somebody_else_or_one_that_is_deleted_is_not_shown() -> None:
    split = Split(IMAGES, LABELS)
    theirs = ImageSetCollection("ba9876543210").add(split, "theirs", [""] * COUNT)
    app = open_page("review_mistakes", test=theirs.name)
    assert "an image set that this browser has not brought" in text_of(app)
    assert metrics_of(app)["Mistakes"] == str(int(load_evaluation(PRETRAINED_FOLDER).is_mistake.sum()))
    mine = keep(1)
    app = open_page("review_mistakes", test=mine.name)
    ImageSetCollection(OWNER).delete(mine.name)
    app.run()
    assert not app.exception and not app.error
    assert metrics_of(app)["Mistakes"] == str(int(load_evaluation(PRETRAINED_FOLDER).is_mistake.sum()))


def test_a_network_of_clothes_is_not_tested_on_digits(runs_folder: Path) -> None:
    run = finished_run(runs_folder, answers(5))
    config = run.folder / "config.json"
    config.write_text(config.read_text().replace('"mnist"', '"fashion_mnist"'))
    keep()
    app = open_page(run=run.id)
    assert "trained on clothes" in text_of(app) and not app.metric


def test_the_predictions_are_a_table_in_which_no_name_is_a_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    contents: list[Any] = []
    real = kept.st.download_button
    monkeypatch.setattr(
        kept.st, "download_button", lambda *args, **kw: (contents.append(args[1]), real(*args, **kw))[1]
    )
    names = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "a,b", 'say "hi"', "plain"]
    images = {f"{name}/{LABELS[place]}/x.png": png(IMAGES[place]) for place, name in enumerate(names)}
    press(bring(open_page(), zip_of(images)), "Keep this set")
    rows = list(csv.reader(io.StringIO(contents[-1]())))
    assert rows[0] == ["index", "file", "label", "prediction", *(f"p({digit})" for digit in range(10))]
    files = [row[1] for row in rows[1:]]
    assert files == [
        *(f"'{name}/{LABELS[place]}/x.png" for place, name in enumerate(names[:5])),
        *(f"{name}/{LABELS[place + 5]}/x.png" for place, name in enumerate(names[5:])),
    ]
    expected = load_evaluation(PRETRAINED_FOLDER).probabilities[: len(names)]
    np.testing.assert_allclose(np.array([row[4:] for row in rows[1:]], float), expected, atol=2e-3)
    assert [row[2] for row in rows[1:]] == [str(label) for label in LABELS[: len(names)]]
    assert [row[3] for row in rows[1:]] == [str(each) for each in expected.argmax(axis=1)]


def test_bad_files_are_answered_in_words_and_what_is_kept_stays() -> None:
    keep()
    app = bring(open_page(), b"no zip at all", "a.zip")
    assert "Expected is a zip" in text_of(app)
    assert metrics_of(app)["Images"] == "400"
    lines = csv_of(IMAGES[:30], LABELS[:30]).splitlines()
    bad = [line.replace(line[0], "x", 1) for line in lines[1:27]]
    app = bring(open_page(), "\n".join([*lines[:1], *bad, *lines[27:]]).encode(), "a.csv")
    assert "26 skipped" in " ".join(each.label for each in app.expander)
    assert "and 6 more" in text_of(app)
    assert app.dataframe[0].value["why"][0] == "its label is not a whole number from 0 to 9"
    assert app.dataframe[0].value["file or line"][0] == "line 2"


def test_names_of_files_and_sets_are_shown_as_text() -> None:
    name = "<img src=x onerror=alert(1)> **b** $x$"
    app = bring(open_page(), zip_of({f"7/{name}.txt": b"", "7/a.png": png(IMAGES[0])}), f"{name}.zip")
    assert app.dataframe[0].value["file or line"][0] == f"7/{name}.txt"
    press(app, "Keep this set")
    keep(title="**two**")
    app = open_page()
    assert name not in " ".join(each.value for each in app.markdown)
    options = next(each for each in app.get("button_group") if each.label == "Image set").options
    assert any("`" in str(option) for option in options), "as code, the only text that Markdown leaves alone"


def test_pictures_of_other_sizes_are_refused_with_advice_and_read_like_photographs() -> None:
    large = {f"{label}/{place}.png": png(255 - np.kron(image, np.ones((5, 5), np.uint8))) for place, (image, label) in
             enumerate(zip(IMAGES[:10], LABELS[:10], strict=True))}  # fmt: skip
    app = bring(open_page(), zip_of(large))
    assert "140 x 140 pixels, not 28 x 28" in text_of(app)
    control = next(each for each in app.get("button_group") if each.label == "Pictures are")
    settled(control.set_value("photograph").run())
    press(app, "Keep this set")
    assert metrics_of(app) == {"Images": "10", "Accuracy": "100.00 %", "Mistakes": "0"}


def test_a_sixth_set_is_refused_and_the_file_is_not_lost() -> None:
    for start in range(MOST_SETS):
        keep(start)
    app = press(bring(open_page(), zip_of_split(IMAGES[:50], LABELS[:50])), "Keep this set")
    assert "You can keep 5 image sets" in text_of(app)
    assert any(button.label == "Keep this set" for button in app.button)


def test_a_set_is_deleted_and_brought_back() -> None:
    keep()
    app = press(open_page(), "Delete")
    assert not app.metric and "Image set deleted" in text_of(app)
    press(app, "Undo")
    assert metrics_of(app)["Images"] == "400"


def test_browse_the_data_shows_a_set() -> None:
    mine = keep(title="from school")
    app = open_page("browse_data", data=mine.name, number="3")
    select = app.selectbox(key="data-set")
    assert select.value == mine.name and "from school" in select.options
    assert "400 of 400 images" in text_of(app)
    assert not any(each.label == "Images for" for each in app.get("button_group"))
    ImageSetCollection(OWNER).delete(mine.name)
    assert "training images" in text_of(open_page("browse_data", data=mine.name)), "MNIST is shown instead"


@pytest.mark.usefixtures("no_workers")
def test_a_training_takes_a_set_of_125_images_or_more(runs_folder: Path) -> None:
    small, mine = keep(1, 124, "too small"), keep(0, COUNT, "big enough")
    app = open_page("train")
    select = next(each for each in app.selectbox if each.label == "Data set")
    assert "big enough" in select.options and "too small" not in select.options
    select.set_value(split_name(mine.name)).run()
    assert not app.exception
    assert "a fifth of each label is held out" in text_of(app)
    images = next(each for each in app.number_input if each.label == "Training images")
    assert images.value == 320
    next(button for button in app.button if button.label == "Start").click().run()
    assert not app.exception
    (run,) = list_runs(runs_folder)
    assert run.config.dataset == split_name(mine.name) and run.config.training_images == 320
    assert small.name != mine.name
