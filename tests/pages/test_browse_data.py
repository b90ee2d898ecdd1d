"""The page Browse the data: what is chosen, by hand, by a click and by the address, and what is then said of it."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import numpy as np
import plotly.io
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from model_lib.datasets.augmentation import RECIPES, augment_with
from model_lib.datasets.loading import FASHION_NAMES, Dataset, DatasetError, Split, load_dataset
from model_lib.datasets.user_digits import UserDigitSet
from model_lib.environment import FASHION_MNIST_FOLDER
from model_lib.predictions import load_pretrained, predict
from tests.figures.decode import greys, pixels_of
from tests.pages.test_my_digits import OWNER, keep_test_images
from tests.support.app_server import PROJECT
from tests.support.patience import run_until_computed
from ui.data.selection import Choice, choice_to_params, parse_choice

_TRAIN = load_dataset("mnist").train


def _open(**address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "pages" / "browse_data.py", default_timeout=120)
    app.query_params |= address
    return _run(app)


def _run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return run_until_computed(app)


def _text(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def _charts(app: AppTest) -> dict[str, str]:
    """Returns the text alternative of each chart by the beginning of its key."""
    found = {}
    for chart in app.get("plotly_chart"):
        key = chart.proto.id.split("-data-", 1)[1]
        found[key.split("-")[0]] = chart.proto.alt
    return found


def _tiles(app: AppTest) -> NDArray[np.uint8]:
    """Returns the twenty variants (20, 28, 28) in the greys in which the chart shows them."""
    (chart,) = [each for each in app.get("plotly_chart") if "-data-variants" in each.proto.id]
    figure = plotly.io.from_json(chart.proto.spec, skip_invalid=True)
    pixels, targets = pixels_of(figure)[..., 0], figure.data[-1]
    # Plotly writes arrays into its JSON as base64.
    left, top = (
        np.frombuffer(base64.b64decode(each["bdata"]), each["dtype"]) - 13.5 for each in (targets.x, targets.y)
    )
    corners = zip(top.astype(int), left.astype(int), strict=True)
    return np.array([pixels[row : row + 28, column : column + 28] for row, column in corners])


def _number(app: AppTest) -> int:
    (box,) = [each for each in app.number_input if re.search(r"(image|Digit), \d+ to", each.label)]
    assert box.value is not None
    return int(box.value)


def test_the_page_opens_with_the_published_counts_shapes_and_share_of_black() -> None:
    app = _open(view="all")
    text = _text(app)
    assert "60,000 of 60,000 training images" in text
    assert "x_train.shape (60000, 28, 28)  uint8" in text
    assert "y_train.shape (60000,)  uint8" in text
    zeros = 1 - np.count_nonzero(_TRAIN.images) / _TRAIN.images.size
    assert f"{100 * zeros:.1f} % of the 47,040,000 pixels are 0 (black)" in text
    assert "most 1 with 6,742, fewest 5 with 5,421" in _charts(app)["counts"]
    assert "100 images, the first: training image 0, label 5" in _charts(app)["sheet"]


def test_a_label_leaves_its_images_of_which_the_first_is_shown() -> None:
    app = _open()
    app.selectbox(key="data-label-mnist-train").set_value(0)
    text = _text(_run(app))
    assert "5,923 of 60,000 training images" in text
    assert "[1 0 0 0 0 0 0 0 0 0]" in text
    assert _number(app) == int(np.flatnonzero(_TRAIN.labels == 0)[0])
    assert app.query_params["label"] == "0"


def test_a_number_opens_its_image_and_the_sheet_that_it_lies_on() -> None:
    app = _open()
    app.number_input(key="data-number-mnist-train").set_value(12_345)
    _run(app)
    assert f"Training image 12345, label {_TRAIN.labels[12_345]}" in _charts(app)["image"]
    assert "the first: training image 12300," in _charts(app)["sheet"]
    assert (app.query_params["number"], app.query_params["sheet"]) == ("12345", "124")


def test_a_pixel_has_the_value_and_the_offset_that_numpy_gives_it() -> None:
    app = _open(number="7")
    app.number_input(key="data-pixel-Row").set_value(9)
    _run(app)
    app.number_input(key="data-pixel-Column").set_value(11)
    text = _text(_run(app))
    image = _TRAIN.images[7]
    last, first = image[..., np.newaxis], image[np.newaxis]
    assert f"`x[9, 11, 0]` is `{last[9, 11, 0]}`" in text
    assert f"`x[0, 9, 11]` is `{first[0, 9, 11]}`" in text
    offset = int(np.ravel_multi_index((9, 11), (28, 28)))
    assert last.ravel()[offset] == first.ravel()[offset] == image[9, 11]
    assert f"= {offset}" in text
    assert app.query_params["pixel"] == "9-11"


def test_the_numbers_can_be_those_that_a_network_is_given() -> None:
    app = _open(number="7", pixel="9-11")
    assert f"row 9, column 11: {_TRAIN.images[7][9, 11]}." in _charts(app)["numbers"]
    app.segmented_control(key="data-scale").set_value(True)
    assert f"row 9, column 11: {_TRAIN.images[7][9, 11] / 255:.4f}." in _charts(_run(app))["numbers"]


def test_all_784_numbers_are_a_table() -> None:
    app = _open(number="7")
    app.toggle(key="data-all-numbers").set_value(True)
    (table,) = _run(app).get("html")
    assert re.findall(r">(\d+)</td>", table.proto.body) == [str(number) for number in _TRAIN.images[7].ravel()]


def test_pen_digits_are_filtered_by_the_people_of_their_part() -> None:
    app = _open(data="pen_digits", part="test")
    test = load_dataset("pen_digits").test
    assert test.writers is not None
    writers = app.selectbox(key="data-writer-pen_digits-test")
    assert writers.options == ["all", *(f"person {writer}" for writer in np.unique(test.writers))]
    writers.set_value(6)
    assert f"{int((test.writers == 6).sum())} of 2,498 test images" in _text(_run(app))


def test_the_visitors_own_digits_can_be_looked_at_once_there_are_any(tmp_path: Path) -> None:
    assert "My digits" not in _open(digits=OWNER).selectbox(key="data-set").options
    assert "training images" in _text(_open(digits=OWNER, data="my_digits")), "MNIST is shown instead"
    keep_test_images(UserDigitSet(tmp_path / "digits" / OWNER), 3)
    app = _open(digits=OWNER, data="my_digits", view="all")
    text = _text(app)
    assert "3 of 3 digits" in text
    assert "x.shape (3, 28, 28)  uint8" in text
    assert app.get("segmented_control")[0].label != "Images for"


def test_the_nearest_images_are_the_nearest_of_all() -> None:
    app = _open(part="test", number="17", view="nearest")
    images = load_dataset("mnist").test.images.reshape(10_000, -1).astype(np.float64)
    distances = np.linalg.norm(images - images[17], axis=1)
    distances[17] = np.inf
    best = int(distances.argmin())
    assert f"the nearest: test image {best}, label" in _charts(app)["nearest"]
    assert _charts(app)["nearest"].endswith(f"distance {distances[best]:,.0f}")


def test_fashion_mnist_that_is_not_there_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("model_lib.datasets.loading.FASHION_DEBIAN_FOLDER", tmp_path / "none")
    monkeypatch.delenv(FASHION_MNIST_FOLDER.name, raising=False)
    app = _open(data="fashion_mnist")
    assert "not on this machine yet" in app.info[0].value
    assert not app.get("plotly_chart")


def test_an_article_of_fashion_is_named_beside_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Split(_TRAIN.images[:30], np.arange(30, dtype=np.uint8) % 10)
    fashion = Dataset("fashion_mnist", "Fashion-MNIST articles", FASHION_NAMES, few, few)
    monkeypatch.setattr("ui.data.selection.is_on_disk", lambda name: True)
    monkeypatch.setattr("ui.data.selection.dataset", lambda name: fashion)
    app = _open(data="fashion_mnist", part="test", label="3")
    assert app.selectbox(key="data-label-fashion_mnist-test").options == ["all", *FASHION_NAMES]
    assert "3 of 30 test images" in _text(app)
    assert "**Label 3** (Dress)" in _text(app)


def test_a_damaged_data_set_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(name: str) -> None:
        raise DatasetError(f"{name} is damaged. Restore it.")

    monkeypatch.setattr("ui.data.selection.dataset", damaged)
    assert _open().error[0].value == "mnist is damaged. Restore it."


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice("pen_digits", "test", 3, 6, 2, 150, (0, 27)),
        Choice("fashion_mnist", number=0),
        Choice("my_digits", label=0),
        Choice(part="validation", view="augmentation"),
        Choice(part="test", is_disputed=True),
    ],
)
def test_a_choice_survives_the_round_trip_through_its_address(choice: Choice) -> None:
    assert parse_choice(choice_to_params(choice)) == choice


@pytest.mark.parametrize(
    "address",
    [
        {"data": "imagenet"},
        {"part": "exam"},
        {"view": "gallery"},
        {"disputed": "yes"},
        {"label": "10"},
        {"label": "-1"},
        {"label": "²"},
        {"writer": "31"},
        {"sheet": "0"},
        {"sheet": "1e9"},
        {"number": "x"},
        {"number": "9" * 5000},
        {"pixel": "28-3"},
        {"pixel": "3"},
        {"pixel": "-"},
    ],
)
def test_what_cannot_be_in_an_address_is_left_out(address: dict[str, str]) -> None:
    assert parse_choice(address) == Choice()


def test_a_number_a_sheet_and_a_person_that_do_not_exist_give_the_nearest_that_does() -> None:
    app = _open(number="70000", sheet="99999", writer="4")
    assert "60,000 of 60,000 training images" in _text(app)
    assert _number(app) == 59_900, "the first image of the last sheet"


def test_another_data_set_forgets_the_filters_and_the_image_of_the_one_before() -> None:
    app = _open(data="pen_digits", label="3", writer="4", sheet="2", number="7")
    app.selectbox(key="data-set").set_value("mnist")
    assert "60,000 of 60,000 training images" in _text(_run(app))
    assert _number(app) == 0
    assert not {"label", "writer", "sheet", "number"} & set(app.query_params)


def test_the_validation_images_are_the_last_fifth_of_the_training_images_under_the_numbers_that_they_have_there() -> (
    None
):
    app = _open(part="validation", view="all")
    text = _text(app)
    assert "12,000 of 12,000 validation images" in text
    assert "the last 20 % of the training images, 48000 to 59999" in text
    assert "x_train[48000:].shape (12000, 28, 28)  uint8" in text
    counts = np.bincount(_TRAIN.labels[48_000:])
    assert (
        f"most {counts.argmax()} with {counts.max():,}, fewest {counts.argmin()} with {counts.min():,}"
        in _charts(app)["counts"]
    )
    assert _number(app) == 48_000
    app.selectbox(key="data-label-mnist-validation").set_value(0)
    assert _number(_run(app)) == 48_000 + int(np.flatnonzero(_TRAIN.labels[48_000:] == 0)[0])
    assert _number(_open(part="validation", number="7")) == 48_000, "image 7 is none of them"


def test_the_neighbours_of_a_validation_image_are_validation_images() -> None:
    app = _open(part="validation", number="50000", view="nearest")
    held_out = _TRAIN.images[48_000:].reshape(12_000, -1).astype(np.float64)
    distances = np.linalg.norm(held_out - held_out[2_000], axis=1)
    distances[2_000] = np.inf
    assert f"the nearest: validation image {48_000 + distances.argmin()}, label" in _charts(app)["nearest"]


def test_the_people_who_drew_the_validation_images_of_the_pen_digits_are_named() -> None:
    train = load_dataset("pen_digits").train
    assert train.writers is not None
    people = sorted(set(train.writers[-999:].tolist()))
    app = _open(data="pen_digits", part="validation")
    assert "999 of 999 validation images" in _text(app)
    assert f"Persons {', '.join(map(str, people))} drew them; of person {people[0]} some" in _text(app)
    options = app.selectbox(key="data-writer-pen_digits-validation").options
    assert options == ["all", *(f"person {writer}" for writer in people)]


def test_each_network_of_the_list_says_which_images_it_holds_out() -> None:
    app = _open(part="validation")
    (table,) = app.table
    rows = {row["network"]: (row["trained on"], row["validated on"]) for row in table.value.to_dict("records")}
    assert rows["Two convolutions, 5 x 5"] == ("48,000 images", "the last 12,000 training images")
    assert rows["Handwriting network"] == ("54,000 images", "the last 6,000 training images")
    assert rows["Two convolutions, 3 x 3"] == ("60,000 images", "the test images")


def test_a_disputed_label_is_marked_filtered_for_and_shown_with_what_five_people_said() -> None:
    app = _open(part="test")
    app.toggle(key="data-disputed-mnist-test").set_value(True)
    assert "15 of 10,000 test images" in _text(_run(app))
    assert app.query_params["disputed"] == "1"
    assert "15 images, the first: test image 947, label 8, disputed" in _charts(app)["sheet"]
    (warning,) = app.warning
    assert warning.value == "This label is disputed. Of five people, 0 chose 8, 5 chose 9, 0 chose neither."
    app.number_input(key="data-number-mnist-test").set_value(9679)
    assert "2 chose 6, 0 chose 3, 3 chose neither" in _run(app).warning[0].value
    app.number_input(key="data-number-mnist-test").set_value(0)
    assert not _run(app).warning


@pytest.mark.parametrize("address", [{}, {"data": "pen_digits", "part": "test"}, {"part": "validation"}])
def test_where_no_label_is_known_to_be_disputed_none_is_filtered_for(address: dict[str, str]) -> None:
    app = _open(disputed="1", **address)
    assert not [toggle for toggle in app.toggle if toggle.label.startswith("Disputed")]
    assert app.get("plotly_chart"), "the address leaves no image"
    if address != {"part": "validation"}:
        assert "No disputed label is known among them" in _text(app)


def _variants(number: int) -> NDArray[np.uint8]:
    """Returns what a training with handwriting makes of twenty images that are all the same (20, 28, 28)."""
    images, labels = (np.repeat(each[number : number + 1], 20, axis=0) for each in (_TRAIN.images, _TRAIN.labels))
    return augment_with(images, np.random.default_rng(1), RECIPES["handwriting"], labels)


def test_the_twenty_variants_are_those_of_the_augmentation_and_change_with_its_settings_and_its_seed() -> None:
    app = _open(number="7", view="augmentation")
    seen = [_tiles(app)]
    np.testing.assert_array_equal(seen[0], greys(_variants(7) / 255))
    app.button(key="data-other-variants").click()
    seen.append(_tiles(_run(app)))
    for name, value in (("augmentation_strength", 200.0), ("broken_strokes", 100.0), ("tremor_px", 1.0)):
        app.slider(key=f"data-{name}").set_value(value)
        seen.append(_tiles(_run(app)))
    app.selectbox(key="data-augmentation").set_value("gentle")
    seen.append(_tiles(_run(app)))
    assert not [slider for slider in app.slider if "Tremor" in slider.label], "gentle has none"
    assert len({tiles.tobytes() for tiles in seen}) == len(seen)
    app.selectbox(key="data-augmentation").set_value("none")
    np.testing.assert_array_equal(_tiles(_run(app)), greys(np.repeat(_TRAIN.images[7:8], 20, axis=0) / 255))


def test_other_forms_are_drawn_of_digits_that_have_some_alone() -> None:
    zero, three = int(np.flatnonzero(_TRAIN.labels == 0)[0]), int(np.flatnonzero(_TRAIN.labels == 3)[0])
    changed = {}
    for number in (zero, three):
        app = _open(number=str(number), view="augmentation")
        before = _tiles(app)
        app.select_slider(key="data-allographs").set_value(1.0)
        changed[number] = (_tiles(_run(app)) != before).any()
    assert changed == {zero: True, three: False}


def test_the_prediction_of_each_variant_stands_above_it_but_not_of_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _open(number="7", view="augmentation")
    predictions = predict(load_pretrained(), _variants(7)).argmax(axis=1)
    most = int(np.bincount(predictions).argmax())
    assert f"predicted as {most}: {(predictions == most).sum()}" in _charts(app)["variants"]
    few = Split(_TRAIN.images[:30], np.arange(30, dtype=np.uint8) % 10)
    fashion = Dataset("fashion_mnist", "Fashion-MNIST articles", FASHION_NAMES, few, few)
    monkeypatch.setattr("ui.data.selection.is_on_disk", lambda name: True)
    monkeypatch.setattr("ui.data.selection.dataset", lambda name: fashion)
    app = _open(data="fashion_mnist", view="augmentation")
    assert _charts(app)["variants"] == "20 variants of the image"
    assert app.selectbox(key="data-augmentation").value == "gentle"


def test_the_form_on_train_takes_the_augmentation_over_once() -> None:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    app.query_params |= {"run": "pretrained", "data": "pen_digits", "view": "augmentation"}
    app.switch_page("pages/browse_data.py")
    _run(app)
    app.slider(key="data-augmentation_strength").set_value(50.0)
    _run(app)
    app.select_slider(key="data-allographs").set_value(0.3)
    _run(app)
    app.button(key="data-train-augmented").click().run()
    assert not app.exception
    assert app.title[0].value == "Train a network"
    (changes,) = [caption.value for caption in app.caption if caption.value.startswith("Changed")]
    for words in (
        "Data set: Pen digits",
        "Augmentation: handwriting",
        "Augmentation strength, per cent: 50 %",
        "(allographs), per cent: 30 %",
    ):
        assert words in changes
    assert "Gaps" not in changes
    (strength,) = [box for box in app.number_input if box.label == "Augmentation strength, per cent"]
    strength.set_value(70.0)
    app.switch_page("pages/train.py").run()  # where the app is already: else it would run the page before once more
    (strength,) = [box for box in app.number_input if box.label == "Augmentation strength, per cent"]
    assert strength.value == 70.0, "what was handed over is put in once"


def test_preprocessing_prints_the_ranges_that_numpy_finds() -> None:
    app = _open(number="7", pixel="9-11", view="preprocessing")
    text = _text(app)
    scaled = _TRAIN.images.reshape(60_000, -1) / np.float32(255)
    mean, deviation = scaled.mean(dtype=np.float64), scaled.std(dtype=np.float64)
    assert f"`(x / 255 - {mean:.4f}) / {deviation:.4f}`" in text
    image = (_TRAIN.images[7] / 255 - mean) / deviation
    assert f"**Standardised**  \n{image.min():.2f} to {image.max():.2f}  \n`x[9, 11]` is `{image[9, 11]:.2f}`" in text
    assert f"**As in the file**  \n0 to {_TRAIN.images[7].max()}" in text
    same = _text(_open(part="test", view="preprocessing"))
    assert f"`(x / 255 - {mean:.4f}) / {deviation:.4f}`" in same, "test images by the numbers of the training images"


def test_the_view_below_the_image_is_chosen_and_stands_in_the_address() -> None:
    app = _open()
    (view,) = [each for each in app.get("button_group") if each.label == "View"]
    view.set_value("nearest")
    assert "nearest" in _charts(_run(app))
    assert app.query_params["view"] == "nearest"


def test_the_labels_on_which_networks_disagree_are_one_click_away_whatever_stands_in_the_address() -> None:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    app.query_params |= {"run": "pretrained", "part": "test", "view": "nearest", "label": "3"}
    app.switch_page("pages/browse_data.py")
    _run(app)
    app.button(key="to-pages/review_mistakes.py").click().run()
    assert not app.exception
    assert app.title[0].value == "Review mistakes"
    assert not [warning for warning in app.warning if "address" in warning.value]
    assert "for which all good networks predict the same class" in _text(app)


def test_a_test_image_is_followed_into_a_network() -> None:
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    app.query_params |= {"run": "pretrained", "data": "mnist", "part": "test", "number": "17"}
    app.switch_page("pages/browse_data.py")
    _run(app)
    app.button(key="to-pages/look_inside.py").click().run()
    assert app.title[0].value == "Look inside"
    box = next(each for each in app.number_input if each.label.startswith("Test image"))
    assert box.value == 17


def test_a_training_image_is_no_image_for_the_pages_that_show_test_images() -> None:
    assert [button.key for button in _open().button if str(button.key).startswith("to-")] == ["to-pages/train.py"]
