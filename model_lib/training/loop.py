"""The training of one run: from its spec and its settings to a network and its evaluation, reporting on the way."""

from __future__ import annotations

import functools
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import NetworkError
from model_lib.config.training import SettingsError, TrainingConfig, check_config, learnt_images
from model_lib.datasets.loading import Dataset, DatasetError, Split, load_dataset
from model_lib.datasets.user_digits import CollectionError, DigitCollection, digits_root
from model_lib.divergence import NOT_A_NUMBER, DivergedError, diverged, not_numbers
from model_lib.engine.inference import probabilities
from model_lib.engine.step_cache import prepared_steps
from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.outcome import advice
from model_lib.storage.checkpoints import (
    Progress,
    load_checkpoint,
    load_progress,
    save_checkpoint,
    save_network,
    save_progress,
)
from model_lib.storage.events import append_event
from model_lib.storage.run import HEARTBEAT_SECONDS, Run, RunError, State
from model_lib.training.input_pipeline import EpochImages, mix_in

__all__ = ["TrainingConfig", "train"]

# Two reports for each time that the charts are drawn, and Stop is obeyed at once. Each costs some 2 ms.
REPORT_SECONDS: Final = 0.25

Report = Callable[[dict[str, Any]], None]


# A worker trains on the same images again and again; reading them takes half a second.
cached_dataset = functools.lru_cache(maxsize=2)(load_dataset)


class TrainingError(Exception):
    """A training that cannot go on; the message is for the visitor."""


def train(run: Run, report: Report | None = None) -> State:
    """Trains the network of a queued run to its end, or until it is told to stop or to pause.

    What goes wrong is written into the run's folder, not raised: the one who waits for it is a page that reads the
    folder.

    Args:
        run: a run in the state "queued"; one that has been paused or interrupted goes on where it was.
        report: is given every event as it is written, for a progress bar.

    Returns:
        The state that the run ended in.
    """
    if run.recorded_state != "queued":
        # Its worker died and Dask offers it again, or it was stopped while it waited: the visitor decides.
        return run.state
    try:
        with _log_file(run), _heartbeat(run):
            return _Training(run, report).run_to_end()
    except DivergedError as error:
        return _fail(run, str(error), "diverged")
    except (TrainingError, NetworkError, SettingsError, DatasetError, CollectionError, RunError) as error:
        return _fail(run, str(error))
    except OSError as error:
        return _fail(run, f"The run's folder {run.folder} could not be written: {error.strerror or error}.")
    except Exception as error:
        logging.getLogger(__name__).exception("run %s failed", run.id)
        return _fail(run, f"The training failed with {type(error).__name__}: {_first_line(error)}")


class _Training:
    """One training under way."""

    def __init__(self, run: Run, report: Report | None) -> None:
        self._run, self._report = run, report
        self._spec, self._config = run.spec, run.config
        check_config(self._config)
        run.set_state("running")
        self._dataset = cached_dataset(self._config.dataset)
        self._held_out_from = _check_count(self._config, self._dataset)
        train_set = self._dataset.train
        self._learnt = Split(train_set.images[: self._held_out_from], train_set.labels[: self._held_out_from])
        if self._config.own_digits:
            own = DigitCollection(digits_root() / self._config.own_digits)
            self._learnt = mix_in(self._learnt, own.as_split())
        self._count = len(self._learnt.labels)
        self._seconds_before = 0.0
        self._started, self._has_begun = time.monotonic(), False
        self._best_loss, self._epochs_without_gain = math.inf, 0
        self._last_loss = math.nan
        self._seconds_per_step: float | None = None

    def run_to_end(self) -> State:
        """Trains, from the beginning or from where the run was left, and returns the state that it ended in."""
        with (
            EpochImages(self._learnt, self._config) as epoch_images,
            prepared_steps(self._spec, self._config, self._count) as (self._network, self._steps),
        ):
            return self._run_epochs(epoch_images)

    def _run_epochs(self, epoch_images: EpochImages) -> State:
        epoch, step, loss_sum, right = self._restore()
        self._event(
            "started",
            steps_per_epoch=self._steps.steps_per_epoch,
            epochs=self._config.epochs,
            images=self._count,
            parameters=self._network.count_params(),
            epoch=epoch,
            step=step,
        )
        why: str | None = None
        while why is None and epoch < self._config.epochs:
            self._steps.begin_epoch(*epoch_images.epoch(epoch))
            if not self._has_begun:
                # The first images are there: from here on the clock runs.
                self._started, self._has_begun = time.monotonic(), True
            epoch_started, first_step = time.monotonic(), step
            while step < self._steps.steps_per_epoch:
                why = self._asked_to_end()
                if why is not None:
                    break
                losses, rights = self._run_some(epoch, step)
                step += len(losses)
                loss_sum += float(losses @ self._batch_sizes(step - len(losses), len(losses)))
                right += int(rights.sum())
            if why == "pause":
                self._save(epoch, step, loss_sum, right)
                return self._end("paused")
            if why is not None:
                break
            seconds = time.monotonic() - epoch_started
            speed = (self._steps.steps_per_epoch - first_step) * self._config.batch_size / max(seconds, 1e-9)
            epoch += 1
            why = self._finish_epoch(epoch, loss_sum / self._count, right / self._count, speed)
            step, loss_sum, right = 0, 0.0, 0
            self._save(epoch, step, loss_sum, right)
        if why == "stop":
            self._save(epoch, step, loss_sum, right)
        self._evaluate(epoch, why, self._seconds())
        return self._end("stopped" if why == "stop" else "finished")

    def _restore(self) -> tuple[int, int, float, int]:
        """Goes on from the progress, else from the newest whole checkpoint, else from the beginning.

        Returns:
            Epoch, step, and the sums over the epoch so far.
        """
        progress = load_progress(self._run.folder)
        if progress is not None and self._take(progress):
            return progress.epoch, progress.step, progress.loss_sum, progress.right
        shapes = [weight.shape for weight in self._network.get_weights()]
        for epoch in reversed(self._run.epochs_done):
            weights = load_checkpoint(self._run.folder, epoch)
            if epoch and weights is not None and [weight.shape for weight in weights] == shapes:
                # What the optimizer remembered is lost; it gathers that again within some steps.
                self._network.set_weights(weights)
                self._steps.restart(self._config.seed)
                self._steps.go_to(epoch * self._steps.steps_per_epoch)
                return epoch, 0, 0.0, 0
        save_checkpoint(self._run.folder, 0, self._network.get_weights())
        return 0, 0, 0.0, 0

    def _take(self, progress: Progress) -> bool:
        """Takes up a progress, unless it belongs to another network or other settings."""
        first_weights = self._network.get_weights()
        is_inside = progress.epoch <= self._config.epochs and progress.step < self._steps.steps_per_epoch
        try:
            if not is_inside:
                raise ValueError("it is further than this training goes")
            self._network.set_weights(list(progress.weights))
            self._steps.load_state(dict(progress.steps_state))
        except (KeyError, IndexError, ValueError) as error:
            logging.getLogger(__name__).warning("the progress of run %s does not fit: %s", self._run.id, error)
            self._network.set_weights(first_weights)
            self._steps.restart(self._config.seed)
            return False
        self._seconds_before = progress.seconds
        self._best_loss, self._epochs_without_gain = progress.best_loss, progress.epochs_without_gain
        return True

    def _run_some(self, epoch: int, step: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Runs as many steps as fit between two reports, and reports them."""
        left = self._steps.steps_per_epoch - step
        fitting = 1 if self._seconds_per_step is None else max(1, int(REPORT_SECONDS / self._seconds_per_step))
        # The very first step includes the tracing of the function, so the second chunk measures the speed.
        start = time.monotonic()
        losses, rights = self._steps.run(step, min(left, fitting))
        measured = (time.monotonic() - start) / len(losses)
        self._seconds_per_step = 0.02 if self._seconds_per_step is None else measured
        if not np.isfinite(losses).all():
            first = step + int(np.argmin(np.isfinite(losses)))
            self._diverge(f"the loss is no longer a number since epoch {epoch + 1}, step {first + 1}")
        sizes = self._batch_sizes(step, len(losses))
        self._event(
            "steps",
            epoch=epoch,
            step=step,
            loss=np.round(losses.astype(np.float64), 5).tolist(),
            accuracy=np.round(rights / sizes, 4).tolist(),
            seconds=round(self._seconds(), 3),
        )
        return losses, rights

    def _finish_epoch(self, epoch: int, loss: float, accuracy: float, speed: float) -> str | None:
        """Validates, keeps the weights and reports; returns why the training ends here, or None."""
        self._last_loss = loss
        content: dict[str, Any] = {
            "epoch": epoch,
            "loss": round(_finite(loss), 6),
            "accuracy": round(accuracy, 6),
            "images_per_second": round(speed, 1),
        }
        images, labels = self._validation_images()
        if len(labels):
            validation = self._answers(images, labels)
            content |= {"validation_loss": _finite(validation.loss), "validation_accuracy": validation.accuracy}
            if validation.loss < self._best_loss:
                self._best_loss, self._epochs_without_gain = validation.loss, 0
            else:
                self._epochs_without_gain += 1
        save_checkpoint(self._run.folder, epoch, self._network.get_weights())
        self._event("epoch", **content, seconds=round(self._seconds(), 3))
        return self._reached_an_end(content)

    def _reached_an_end(self, content: dict[str, Any]) -> str | None:
        config = self._config
        if config.target_accuracy is not None:
            name = "accuracy" if config.target_measure == "training" else "validation_accuracy"
            if content[name] > config.target_accuracy:
                return (
                    f"the {config.target_measure} accuracy of {content[name]:.2%} exceeds the wanted "
                    f"{config.target_accuracy:.2%}"
                )
        if config.patience is not None and self._epochs_without_gain >= config.patience:
            return f"the validation loss has not improved for {config.patience} epochs"
        return None

    def _asked_to_end(self) -> str | None:
        if self._run.is_requested("stop"):
            return "stop"
        if self._run.is_requested("pause"):
            return "pause"
        limit = self._config.time_limit_seconds
        if limit is not None and self._seconds() >= limit:
            return f"the time limit of {limit:g} seconds was reached"
        return None

    def _evaluate(self, epoch: int, why: str | None, seconds: float) -> None:
        test = self._dataset.test
        evaluation = self._answers(test.images, test.labels)
        save_network(self._run.folder, self._network)
        evaluation.save(self._run.folder)
        self._event(
            "evaluated",
            test_loss=_finite(evaluation.loss),
            test_accuracy=evaluation.accuracy,
            seconds=round(seconds, 3),
            epochs=epoch,
            why="it was stopped" if why == "stop" else why,
            advice=advice(evaluation, self._last_loss, self._config.rate) if epoch else None,
        )

    def _answers(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Evaluation:
        answers = probabilities(self._network, images)
        if problem := not_numbers(answers):
            self._diverge(problem)
        return Evaluation(answers, labels, self._config.dataset)

    def _diverge(self, what: str) -> NoReturn:
        raise DivergedError(diverged(what, self._config.rate))

    def _validation_images(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        config, dataset = self._config, self._dataset
        if config.validation == "test":
            return dataset.test.images, dataset.test.labels
        end = config.training_images if config.validation == "last" else self._held_out_from
        held_out = slice(self._held_out_from, end)
        return dataset.train.images[held_out], dataset.train.labels[held_out]

    def _save(self, epoch: int, step: int, loss_sum: float, right: int) -> None:
        progress = Progress(
            self._network.get_weights(),
            self._steps.state(),
            epoch,
            step,
            self._seconds(),
            self._best_loss,
            self._epochs_without_gain,
            loss_sum,
            right,
        )
        save_progress(self._run.folder, progress)

    def _batch_sizes(self, step: int, count: int) -> NDArray[np.int64]:
        ends = np.minimum(np.arange(step + 1, step + count + 1) * self._config.batch_size, self._count)
        return ends - np.arange(step, step + count) * self._config.batch_size

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._started

    def _event(self, kind: str, **content: Any) -> None:
        event = append_event(self._run.folder, kind, **content)
        if self._report is not None:
            self._report(event)

    def _end(self, state: State) -> State:
        self._run.set_state(state)
        return state


def _check_count(config: TrainingConfig, dataset: Dataset) -> int:
    available = len(dataset.train.labels)
    if config.training_images > available:
        raise TrainingError(
            f"`training_images` must be at most {available:,} for {dataset.title}. "
            f"Received: training_images={config.training_images:,}."
        )
    return learnt_images(config)


@contextmanager
def _heartbeat(run: Run) -> Iterator[None]:
    """Touches the run's state every second for as long as the training is under way."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            try:
                run.touch()
            except OSError:
                # One that failed is made up for by the next. Where the folder is gone nobody looks any more.
                if not run.exists:
                    return

    thread = threading.Thread(target=beat, daemon=True, name=f"heartbeat-{run.id}")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _log_file(run: Run) -> Iterator[None]:
    """Sends what this process logs while it trains to the run's log.txt as well."""
    handler = logging.FileHandler(run.folder / "log.txt", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(min(level, logging.INFO) or logging.INFO)
    logging.getLogger(__name__).info("training in process %d", os.getpid())
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()


def _fail(run: Run, message: str, cause: str | None = None) -> State:
    try:
        run.fail(message, cause)
    except OSError:
        # A full disk or a folder made read-only: nothing can be written, and the silence will tell.
        logging.getLogger(__name__).error("run %s: %s", run.id, message)
    return "failed"


def _finite(loss: float) -> float:
    return float(np.nan_to_num(loss, nan=NOT_A_NUMBER, posinf=NOT_A_NUMBER))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["(no words)"])[0][:300]
