"""The page Is it chance?: the sentence, the cells, all pairs, groups of seeds, and what is said where one lacks."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from model_lib.comparison.paired_predictions import pair_predictions
from model_lib.storage.notes import RunNotes, write_notes
from model_lib.storage.run import Run
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers, finished_run


def _open(*runs: Run, **address: str) -> AppTest:
    app = AppTest.from_file(PROJECT / "pages" / "judge_difference.py", default_timeout=120)
    app.query_params |= address | {"runs": ",".join(run.id for run in runs)}
    return _run(app)


def _run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def _text(app: AppTest) -> str:
    return "\n".join(each.value for each in [*app.markdown, *app.caption, *app.subheader, *app.info, *app.warning])


def test_two_runs_are_told_apart_by_mcnemars_sentence_and_a_cell_leads_to_an_image(runs_folder: Path) -> None:
    first, second = answers(400, 1), answers(300, 2)
    app = _open(finished_run(runs_folder, first), finished_run(runs_folder, second))
    paired = pair_predictions(first, second)
    only_a, only_b = paired.count("first"), paired.count("second")
    text = _text(app)
    assert f"B reads {only_b} images that A does not, A reads {only_a} that B does not; chance alone does that" in text
    assert "of two networks" in text
    assert app.button(key="chance-cell-first").label == f"**{only_a:,}** only by A"
    app.button(key="chance-cell-first").click()
    assert f"Read by A, not by B: {only_a} images" in _text(_run(app))
    (images,) = [each for each in app.selectbox if each.label == "Open an image of this page"]
    images.select_index(3)
    index = int(paired.indices["first"][3])
    assert f"Test image {index}: label {first.labels[index]}" in _text(_run(app))
    assert app.query_params["number"] == str(index)
    app.button(key="chance-step-1").click()
    assert f"Test image {paired.indices['first'][4]}: label" in _text(_run(app))
    assert app.button(key="chance-inside-B").label == "Look inside B"


def test_three_runs_are_compared_in_pairs_of_which_the_same_two_can_change_places(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(count, count)) for count in (300, 310, 900)]
    app = _open(*runs, view="all")
    assert "Of 3 pairs of networks 2 are told apart" in _text(app)
    assert list(app.dataframe[0].value["verdict"]) == ["told apart", "told apart", "not told apart"]
    app = _open(*runs)
    app.selectbox(key="chance-pair-A").set_value(runs[1].id)
    _run(app)
    assert app.query_params["pair"] == f"{runs[1].id},{runs[0].id}"


def test_the_name_that_a_visitor_typed_is_no_markdown(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(count)) for count in (300, 310)]
    write_notes(runs[0].folder, RunNotes(title="**bold** [x](http://x)"))
    assert "**A** is `**bold** [x](http://x)`" in _text(_open(*runs))


def test_runs_of_other_images_cannot_be_paired_and_missing_answers_can_be_made(runs_folder: Path) -> None:
    mnist = finished_run(runs_folder, answers(300))
    fashion = finished_run(runs_folder, answers(300))
    config = fashion.folder / "config.json"
    config.write_text(config.read_text().replace('"mnist"', '"fashion_mnist"'))
    both = finished_run(runs_folder, answers(310), answers(100, dataset="pen_digits"))
    app = _open(mnist, both, on="pen_digits")
    assert "has not answered the test images of" in _text(app)
    assert app.button(key=f"chance-answer-{mnist.id}").label == "Answer them now"
    assert not [each for each in app.button if each.key == f"chance-answer-{both.id}"]
    assert "no test images that both can be asked about" in _text(_open(mnist, fashion))


def test_an_empty_page_says_what_to_do() -> None:
    assert "There is no trained network yet" in _text(_open())
    assert "judged over several random seeds" in _text(_open(view="seeds"))


def test_a_senseless_address_is_told_and_loses_nothing(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(count)) for count in (300, 310)]
    app = _open(view="x", cell="y", sheet="-1", number="one", pair="a,b", groups="c,d", on="nowhere")
    assert len(app.warning) == 4
    app.button(key="chance-newest").click()
    assert "chance alone does that" in _text(_run(app))
    assert "The address asks for image 99999" in _text(_open(*runs, number="99999"))
