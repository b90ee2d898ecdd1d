"""The page Is it chance?: the sentence, the cells, all pairs, groups of seeds, and what is said where one lacks."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model_lib.comparison.paired_predictions import pair_predictions
from model_lib.config.network import NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.training import TrainingConfig
from model_lib.files import read_json
from model_lib.runs import create_run
from model_lib.storage.events import Evaluated, append_event
from model_lib.storage.lineage import PARENTS_KEY, Ancestor
from model_lib.storage.notes import RunNotes, write_notes
from model_lib.storage.run import CONFIG_FILE, Run
from tests.support.app_server import PROJECT
from tests.support.fake_evaluations import answers, finished_run
from ui.compare.records import forget_recorded_runs


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
    assert f"B reads {only_b} images that A does not, A reads {only_a} that B does not; if both were" in text
    assert "of two networks" in text and "the random seed made the difference" not in text
    assert f"Read by B, not by A: {only_b} images" in text
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


def test_answers_that_are_written_anew_replace_the_images_of_the_earlier_ones(runs_folder: Path) -> None:
    first, second = finished_run(runs_folder, answers(30, 1)), finished_run(runs_folder, answers(40, 2))
    app = _open(first, second, cell="second")
    answers(15, 7).save(first.folder)  # as a run that was resumed does at its end
    only_b = pair_predictions(answers(15, 7), answers(40, 2)).indices["second"]
    assert f"Read by B, not by A: {len(only_b)} images" in _text(_run(app))
    (images,) = [each for each in app.selectbox if each.label == "Open an image of this page"]
    assert all(f"est image {index}:" in " ".join(images.options) for index in only_b.tolist())


def test_of_two_runs_with_other_seeds_the_page_opens_on_the_better_ones_images_and_names_the_seed(
    runs_folder: Path,
) -> None:
    better, worse = (finished_run(runs_folder, answers(count, count)) for count in (300, 900))
    config = worse.folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"seed": 77}))
    text = _text(_open(better, worse))
    assert "Both have the same settings: the random seed made the difference." in text
    assert "Read by A, not by B: " in text


def test_where_nothing_is_told_apart_the_seed_has_made_no_difference(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(count, count)) for count in (300, 310)]
    config = runs[1].folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"seed": 77}))
    text = _text(_open(*runs))
    assert "A and B are not told apart on these images." in text and "seed made the difference" not in text
    assert "Both have the same settings but for the random seed." in text


def test_two_runs_of_one_name_are_told_apart_in_the_table_of_all_pairs(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(count, count)) for count in (300, 310)]
    for run in runs:
        write_notes(run.folder, RunNotes(title="mine"))
    forget_recorded_runs()
    table = _open(*runs, view="all").dataframe[0].value
    assert {table["A"][0], table["B"][0]} == {f"mine ({run.id})" for run in runs}


def test_the_title_of_a_network_is_no_markdown_where_seeds_are_compared(runs_folder: Path) -> None:
    title = "**bold** [x](http://x)"

    def train(batch_size: int, seed: int) -> None:
        spec = dataclasses.replace(PRESETS["mlp"], title=title)
        run = create_run(spec, TrainingConfig(batch_size=batch_size, seed=seed), runs_folder)
        append_event(run.folder, Evaluated(test_loss=0.4, test_accuracy=0.9, seconds=4.0, epochs=2))
        run.set_state("finished")
        forget_recorded_runs()

    train(32, 1)
    train(32, 2)
    (said,) = [info.value for info in _open(view="seeds").info]
    assert f": `{title}`. It has" in said
    train(64, 1)
    train(64, 2)
    app = _open(view="seeds")
    assert [f"`{title}, batch size {size}`" for size in (32, 64)] == sorted(app.table[0].value["settings"])
    assert f"`{title}`, as in" in app.button(key="chance-train").proto.help


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


def test_one_group_of_seeds_has_nothing_to_be_compared_with(runs_folder: Path) -> None:
    for seed in (1, 2, 3):
        run = create_run(PRESETS["mlp"], TrainingConfig(seed=seed), runs_folder)
        append_event(run.folder, Evaluated(test_loss=0.4, test_accuracy=0.9, seconds=4.0, epochs=2))
        run.set_state("finished")
    forget_recorded_runs()
    text = _text(_open(view="seeds"))
    assert "There is one group, with 3 seeds" in text and "one random seed each" not in text


def test_one_click_trains_the_seeds_that_are_missing_with_the_settings_of_their_group(
    runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for batch_size, seeds in ((32, (1, 2, 3)), (512, (1, 2))):
        for seed in seeds:
            run = create_run(PRESETS["mlp"], TrainingConfig(batch_size=batch_size, seed=seed), runs_folder)
            append_event(run.folder, Evaluated(test_loss=0.4, test_accuracy=0.9, seconds=4.0, epochs=2))
            run.set_state("finished")
    started: list[Run] = []

    def start(spec: NetworkSpec, config: TrainingConfig, *_: object) -> None:
        started.append(create_run(spec, config, runs_folder))

    monkeypatch.setattr("model_lib.runs.start_run", start)
    # One under way that goes on from another run's weights is not the one that is missing.
    other = create_run(PRESETS["mlp"], TrainingConfig(batch_size=512, seed=3), runs_folder)
    settings = read_json(other.folder / CONFIG_FILE) | {
        PARENTS_KEY: [dataclasses.asdict(Ancestor("a", "A", 1, ("mnist",)))]
    }
    (other.folder / CONFIG_FILE).write_text(json.dumps(settings))
    forget_recorded_runs()
    app = _open(view="seeds")
    assert "Under way" not in _text(app)
    assert app.button(key="chance-train").label == "Train the missing one, for 3 pairs of seeds"
    app.button(key="chance-train").click()
    assert "Under way with other seeds: 1." in _text(_run(app))
    assert not [button for button in app.button if button.key == "chance-train"]
    (run,) = started
    assert (run.config.seed, run.config.batch_size, run.spec) == (3, 512, PRESETS["mlp"])


def test_a_senseless_address_is_told_and_loses_nothing(runs_folder: Path) -> None:
    runs = [finished_run(runs_folder, answers(count)) for count in (300, 310)]
    app = _open(view="x", cell="y", sheet="-1", number="one", pair="a,b", groups="c,d", on="nowhere")
    assert len(app.warning) == 4
    app.button(key="chance-newest").click()
    assert "chance alone would do that" in _text(_run(app))
    assert "The address asks for image 99999" in _text(_open(*runs, number="99999"))
