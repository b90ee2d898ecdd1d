"""Training in the terminal, as a process of its own: what it prints, what it refuses, and what Ctrl-C leaves behind."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from model_lib.storage.events import EpochEnd, read_events, to_json
from model_lib.storage.lineage import ancestors_of
from model_lib.storage.run import Run

PROJECT = Path(__file__).parent.parent
_SMALL = ("--training-images", "1000")


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "model_lib.train", *arguments]


def _environment(runs: Path) -> dict[str, str]:
    # TensorFlow's log level is the program's own business, whatever the tests run with.
    inherited = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return inherited | {"RUNS_FOLDER": str(runs)}


def _answer_ctrl_c() -> None:
    """A test that is itself a background job of a shell script inherits a SIGINT that is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _ended(runs: Path, *arguments: str, program: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the training in the terminal to its end, or a program that calls it."""
    return subprocess.run(
        [sys.executable, "-c", program] if program else _command(*arguments),
        capture_output=True,
        text=True,
        timeout=150,
        cwd=PROJECT,
        env=_environment(runs),
        preexec_fn=_answer_ctrl_c,
    )


@contextmanager
def _begun(runs: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Starts a training in the terminal; it is gone at the end whatever has happened."""
    process = subprocess.Popen(
        _command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=_environment(runs),
        preexec_fn=_answer_ctrl_c,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait_for(what: Callable[[], bool], timeout_seconds: float = 120.0) -> None:
    start = time.monotonic()
    while not what():
        assert time.monotonic() - start < timeout_seconds
        time.sleep(0.005)


def _only_run(runs: Path) -> Run:
    # Not the hidden folder in which it is made.
    _wait_for(lambda: any(runs.glob("[0-9]*/state.json")))
    return Run(next(runs.glob("[0-9]*")))


def _kinds(run: Run) -> list[str]:
    return [json.loads(to_json(event))["kind"] for event in read_events(run.folder)[0]]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The folder for the runs."""
    return tmp_path / "runs"


def test_a_file_gets_one_plain_line_an_epoch_and_nothing_of_tensorflows_own(runs: Path) -> None:
    ended = _ended(runs, "--epochs", "3", "--validation", "last", *_SMALL)
    assert ended.returncode == 0
    assert ended.stderr == ""
    assert not re.search(r"[\x1b\x08\r]", ended.stdout)
    name, *epochs, result, place = ended.stdout.splitlines()
    assert [line.split(":")[0] for line in epochs] == ["Epoch 1/3", "Epoch 2/3", "Epoch 3/3"]
    run = _only_run(runs)
    reported = [event for event in read_events(run.folder)[0] if isinstance(event, EpochEnd)]
    for line, event in zip(epochs, reported, strict=True):
        numbers = [float(number.replace(",", "")) for number in re.findall(r"[\d,]*\d\.?\d*", line.split(":")[1])]
        loss, accuracy, validation_loss, validation_accuracy, speed, seconds = numbers
        assert loss == pytest.approx(event.loss, abs=1e-4)
        assert accuracy / 100 == pytest.approx(event.accuracy, abs=1e-4)
        assert validation_loss == pytest.approx(event.validation_loss, abs=1e-4)
        assert validation_accuracy / 100 == pytest.approx(event.validation_accuracy, abs=1e-4)
        assert speed == pytest.approx(event.images_per_second, abs=1)
        assert seconds == pytest.approx(event.seconds, abs=0.1)
    assert run.id in name
    assert result.startswith("finished after")
    assert "test accuracy" in result
    assert place == f"kept in {run.folder}"
    assert run.state == "finished"


def test_another_data_set_is_learnt_whole_and_both_tests_are_printed(runs: Path) -> None:
    ended = _ended(runs, "--dataset", "pen_digits", "--epochs", "1")
    assert (ended.returncode, ended.stderr) == (0, "")
    run = _only_run(runs)
    assert (run.config.dataset, run.config.training_images) == ("pen_digits", 4_996)
    assert run.outcome is not None
    assert f"test accuracy {100 * run.outcome.test_accuracy:.2f} %" in ended.stdout
    assert f"MNIST's test images: {100 * run.outcome.other_test_accuracy:.2f} %" in ended.stdout


def test_a_run_is_trained_on_with_a_tenth_of_its_learning_rate_and_its_layers(runs: Path) -> None:
    assert _ended(runs, "--preset", "mlp_batchnorm", "--epochs", "1", *_SMALL).returncode == 0
    parent = _only_run(runs)
    ended = _ended(runs, "--from", parent.id, "--epochs", "1", "--dataset", "pen_digits", "--training-images", "1000")
    assert (ended.returncode, ended.stderr) == (0, "")
    (child,) = [Run(folder) for folder in runs.iterdir() if folder.name != parent.id]
    assert child.spec == parent.spec
    assert (child.config.learning_rate, child.config.dataset) == (0.0001, "pen_digits")
    assert [each.id for each in ancestors_of(child)] == [parent.id]
    assert f"from {parent.title}" in ended.stdout.splitlines()[0]
    assert parent.outcome is not None
    before = f"MNIST's test images: {100 * parent.outcome.test_accuracy:.2f} % before, "
    assert before in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "20260101-000000-none-0000"), "must be the id of a run"),
        (("--from", "pretrained", "--preset", "mlp"), "--preset does not go with --from"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(runs: Path, arguments: tuple[str, ...], words: str) -> None:
    ended = _ended(runs, *arguments)
    assert ended.returncode in (1, 2)
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not runs.exists()


def test_a_terminal_shows_a_bar(runs: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        _command("--epochs", "1", *_SMALL), stdout=theirs, stderr=theirs, cwd=PROJECT, env=_environment(runs)
    ) as process:
        os.close(theirs)
        shown = b""
        while process.poll() is None or shown[-1:] != b"\n":
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
        assert process.wait(60) == 0
    os.close(ours)
    assert b"Epoch 1/1\r\n" in shown
    assert b"32/32" in shown  # 1,000 images, 32 a batch
    assert b"accuracy:" in shown
    assert b"finished after" in shown


def test_a_reader_who_goes_away_does_not_end_the_training(runs: Path) -> None:
    with _begun(runs, "--epochs", "2", *_SMALL) as process:
        assert process.stdout is not None
        process.stdout.close()  # as `| head -0` does
        assert process.wait(120) == 0
    assert _only_run(runs).state == "finished"


def test_ctrl_c_while_tensorflow_loads_ends_at_once_and_the_run_is_stopped(runs: Path) -> None:
    with _begun(runs, *_SMALL) as process:
        run = _only_run(runs)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors.strip() == "Stopped before the first step."
    assert run.recorded_state == "stopped"
    assert "started" not in _kinds(run)


def test_ctrl_c_while_the_folder_is_made_leaves_no_half_of_one(runs: Path) -> None:
    program = """
import os, signal, sys
from model_lib import train
from model_lib.storage import run_folders as runs
write = runs.write_json
def interrupted_write(file, content):
    os.kill(os.getpid(), signal.SIGINT)
    write(file, content)
runs.write_json = interrupted_write
sys.exit(train.main([]))
"""
    ended = _ended(runs, program=program)
    assert ended.returncode == 130
    assert "Traceback" not in ended.stderr
    assert _only_run(runs).recorded_state == "stopped"


@pytest.mark.parametrize("moment", ["running", "started", "epoch"])
def test_ctrl_c_during_the_training_keeps_and_evaluates_the_network(runs: Path, moment: str) -> None:
    with _begun(runs, "--preset", "cnn_5x5", "--epochs", "50") as process:
        run = _only_run(runs)
        _wait_for(lambda: moment in _kinds(run))
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Press Ctrl-C again to end at once" in errors
    assert "Traceback" not in output + errors
    assert "stopped after" in output
    assert run.recorded_state == "stopped"
    assert (run.folder / "network.keras").exists()
    assert run.outcome is not None
    assert run.outcome.epochs < 50
    if moment == "epoch":
        assert run.outcome.test_accuracy > 0.9


def test_ctrl_c_during_the_last_evaluation_lets_it_end(runs: Path) -> None:
    with _begun(runs, "--preset", "cnn_3x3", "--epochs", "1", *_SMALL) as process:
        run = _only_run(runs)
        _wait_for(lambda: "epoch" in _kinds(run))
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=120)
    assert "Traceback" not in output + errors
    assert run.recorded_state == "finished"
    assert run.outcome is not None


def test_a_second_ctrl_c_ends_at_once_and_the_run_can_be_resumed(runs: Path) -> None:
    # Thousands of images a step: the first step takes so long that the second Ctrl-C comes before its end.
    with _begun(runs, "--preset", "champion", "--batch-size", "10000") as process:
        run = _only_run(runs)
        _wait_for(lambda: "started" in _kinds(run))
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        first = process.stderr.readline() + process.stderr.readline()
        assert "Press Ctrl-C again" in first
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors.strip() == "Ended at once. Resume in the app goes on from the last whole epoch."
    assert run.recorded_state == "interrupted"
    run.prepare_again()
    assert run.state == "queued"


def test_a_run_that_is_paused_in_the_app_ends_the_program_in_a_sentence(runs: Path) -> None:
    with _begun(runs, "--epochs", "50") as process:
        run = _only_run(runs)
        _wait_for(lambda: "steps" in _kinds(run))
        run.pause()
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert errors == ""
    assert "paused; Resume in the app goes on from here" in output
    assert run.recorded_state == "paused"


def test_a_training_that_diverged_prints_what_to_change(runs: Path) -> None:
    ended = _ended(runs, "--optimizer", "sgd", "--learning-rate", "100", "--epochs", "1", *_SMALL)
    assert ended.returncode == 0
    assert "diverged" in ended.stdout
    assert "smaller learning rate than 100" in ended.stdout


def test_help_names_every_word_and_range_the_default_and_the_folder_that_is_used(runs: Path) -> None:
    program = """
import os, sys
os.environ["COLUMNS"] = "400"
from model_lib.train import main
try:
    main(["--help"])
finally:
    print("loaded:", {"tensorflow", "keras"} & set(sys.modules))
"""
    ended = _ended(runs, program=program)
    assert "loaded: set()" in ended.stdout
    assert "default: mlp" in ended.stdout
    assert f"default: {runs}" in ended.stdout
    # As the settings are described in the pages of the app and in the README, not as the program lists them.
    words = (
        "mnist fashion_mnist last test none adam sgd rmsprop adadelta adagrad constant one_cycle training validation"
    )
    words += " pen_digits mnist_and_pen_digits"
    words += " gentle handwriting long_flags auto float32 bfloat16 mlp cnn_5x5 two_conv champion lightning"
    listed = {word for words in re.findall(r"\{([^}]*)\}", ended.stdout) for word in words.split(",")}
    assert set(words.split()) <= listed
    assert "A whole number from 1 to 50." in ended.stdout
    assert "A whole number from 100 to 64,996." in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--epochs", "0"), "argument --epochs: must be a whole number from 1 to 50. Received: 0."),
        (("--epochs", "two"), "argument --epochs: must be a whole number from 1 to 50. Received: two."),
        (("--training-images", "70000"), "must be a whole number from 100 to 64,996. Received: 70000."),
        (("--learning-rate", "nan"), "argument --learning-rate: must be a number from"),
        (("--optimizer", "addam"), "(choose from adam, sgd, rmsprop, adadelta, adagrad)"),
        (("--dataset", "letters"), "(choose from mnist, fashion_mnist, pen_digits, mnist_and_pen_digits)"),
        (("--training-images", "100", "--batch-size", "200"), "`batch_size` must not exceed"),
    ],
)
def test_a_wrong_value_is_refused_in_words_that_name_the_right_ones(
    runs: Path, arguments: tuple[str, ...], words: str
) -> None:
    ended = _ended(runs, *arguments)
    assert ended.returncode == 2
    assert words in ended.stderr.replace("'", "")  # quoted before Python 3.12
    assert "Traceback" not in ended.stderr
    assert not runs.exists()
