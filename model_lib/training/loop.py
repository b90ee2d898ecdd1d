"""Training loop of one run: from its spec and settings to a network and its evaluation, logging events on the way."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from model_lib.config.network import NetworkError
from model_lib.config.training import SettingsError, TrainingConfig
from model_lib.datasets.loading import DatasetError, Split, cached_dataset, names_of_test_sets
from model_lib.datasets.user_digits import UserDigitError
from model_lib.divergence import NOT_A_NUMBER, DivergedError, diverged, not_numbers
from model_lib.engine.inference import probabilities
from model_lib.engine.step_cache import prepared_steps
from model_lib.engine.train_step import TrainingSteps
from model_lib.evaluation.evaluation import Evaluation
from model_lib.evaluation.outcome import advice
from model_lib.storage.checkpoints import (
    Position,
    TrainingState,
    load_checkpoint,
    load_training_state,
    remove_results,
    save_checkpoint,
    save_network,
    save_training_state,
)
from model_lib.storage.events import EpochEnd, Evaluated, Event, Measured, Report, Started, State, Steps, append_event
from model_lib.storage.lineage import START_FILE, ancestors_of, load_start
from model_lib.storage.run import PAUSE_REQUEST, STOP_REQUEST, Run, RunError
from model_lib.training.before_after import measured_before, measured_splits
from model_lib.training.images import TrainingData, TrainingError, load_images
from model_lib.training.input_pipeline import InputPipeline
from model_lib.training.measurements import Measurements
from model_lib.training.process import heartbeat, log_file
from model_lib.training.stopping import end_requested, stopping_criterion

if TYPE_CHECKING:
    import keras

__all__ = ["TrainingConfig", "train"]

# Two reports for each redraw of the charts at its quickest; a request to stop is polled as often. One costs some 2 ms.
REPORT_SECONDS: Final = 0.25


def train(run: Run, report: Report | None = None, measures_layers: bool = True) -> State:
    """Trains the network of a queued run to its end, or until a stop or a pause is requested.

    Errors are recorded in the run's folder, not raised: the caller is a worker, and the reader a page.

    Args:
        run: a run in the state "queued"; one that was paused or interrupted resumes.
        report: called with every event once it is written, for a progress bar.
        measures_layers: whether to log the statistics of the layers; the training itself is the same without.

    Returns:
        The state in which the run ended.
    """
    if run.recorded_state != "queued":
        # Its worker died and Dask submits it again, or it was stopped in the queue: resuming is the visitor's decision.
        return run.state
    try:
        with log_file(run), heartbeat(run):
            return _train(run, report, measures_layers)
    except DivergedError as error:
        return _fail(run, str(error), "diverged")
    except (TrainingError, NetworkError, SettingsError, DatasetError, UserDigitError, RunError) as error:
        return _fail(run, str(error))
    except OSError as error:
        return _fail(run, f"The run's folder {run.folder} could not be written: {error.strerror or error}.")
    except Exception as error:
        logging.getLogger(__name__).exception("run %s failed", run.id)
        return _fail(run, f"The training failed with {type(error).__name__}: {_first_line(error)}")


def _train(run: Run, report: Report | None, measures_layers: bool) -> State:
    spec, config = run.spec, run.config
    run.set_state("running")
    data = load_images(config, holds_out=bool(ancestors_of(run)))
    count = len(data.training.labels)
    with InputPipeline(data.training, config) as pipeline, prepared_steps(spec, config, count) as (network, steps):
        total_steps = config.epochs * steps.steps_per_epoch
        measurements = Measurements(run.folder, network, steps, data.training, total_steps, measures_layers)
        return _Training(run, report, data, network, steps, measurements).run_epochs(pipeline)


class _Training:
    """One training in progress: its state between the steps, and what is written after them.

    Args:
        run: the run, in the state "running".
        report: called with every event once it is written; may be None.
        data: the images.
        network: the network to train, freshly initialised.
        steps: its training step.
        measurements: of the network's layers.
    """

    def __init__(
        self,
        run: Run,
        report: Report | None,
        data: TrainingData,
        network: keras.Model,
        steps: TrainingSteps,
        measurements: Measurements,
    ) -> None:
        self._run, self._report, self._data = run, report, data
        self._network, self._steps, self._measurements = network, steps, measurements
        self._config, self._ancestors = run.config, ancestors_of(run)
        self._count = len(data.training.labels)
        self._seconds_before = 0.0
        self._started: float | None = None  # of the monotonic clock, once the images of the first epoch are ready
        self._best_loss, self._epochs_without_gain = math.inf, 0
        self._last_loss = math.nan
        self._seconds_per_step: float | None = None

    def run_epochs(self, pipeline: InputPipeline) -> State:
        """Trains from the beginning or from where the run was left, and returns the state in which it ends."""
        is_ready = self._load_start()
        position = self._restore(is_ready)
        self._log(
            Started(
                steps_per_epoch=self._steps.steps_per_epoch,
                epochs=self._config.epochs,
                images=self._count,
                parameters=self._network.count_params(),
                epoch=position.epoch,
                step=position.step,
            )
        )
        remove_results(self._run.folder)
        self._measurements.start(self._total_step(position))
        why: str | None = None
        while why is None and position.epoch < self._config.epochs:
            self._steps.begin_epoch(*pipeline.epoch(position.epoch))
            if self._started is None:
                self._started = time.monotonic()
            self._measurements.begin_epoch(self._total_step(position))
            epoch_started, first_step = time.monotonic(), position.step
            while position.step < self._steps.steps_per_epoch:
                why = end_requested(self._run, self._config.time_limit_seconds, self._seconds())
                if why is not None:
                    break
                self._measurements.measure_if_due(self._total_step(position), self._seconds() - self._seconds_before)
                position = self._run_steps(position)
            if why == PAUSE_REQUEST:
                self._save(position)
                return self._end("paused")
            if why is not None:
                break
            seconds = time.monotonic() - epoch_started
            throughput = (self._steps.steps_per_epoch - first_step) * self._config.batch_size / max(seconds, 1e-9)
            why = self._finish_epoch(position, throughput)
            position = Position(epoch=position.epoch + 1)
            self._save(position)
        if why == STOP_REQUEST:
            self._save(position)
        self._measurements.measure_last(self._total_step(position))
        self._evaluate(position.epoch, why, self._seconds())
        return self._end("stopped" if why == STOP_REQUEST else "finished")

    def _load_start(self) -> bool:
        """Loads the trained weights that the run goes on from, and measures them unless that was done.

        Returns:
            Whether the network has its first weights, which are random where the run goes on from nothing.
        """
        if not self._ancestors:
            return True
        weights = load_start(self._run.folder)
        shapes = [weight.shape for weight in self._network.get_weights()]
        if weights is None or [weight.shape for weight in weights] != shapes:
            return False
        self._network.set_weights(weights)
        self._measure("before", {}, measured_before(self._run))
        return True

    def _restore(self, is_ready: bool) -> Position:
        """Restores the saved training state, else the newest intact checkpoint, else starts from the beginning.

        Args:
            is_ready: whether there is a beginning, see `_load_start`.
        """
        state = load_training_state(self._run.folder)
        if state is not None and self._load(state):
            return state.position
        shapes = [weight.shape for weight in self._network.get_weights()]
        for epoch in reversed(self._run.epochs_done):
            weights = load_checkpoint(self._run.folder, epoch)
            if epoch and weights is not None and [weight.shape for weight in weights] == shapes:
                # The optimizer's slots are lost; they recover within some steps.
                self._network.set_weights(weights)
                self._steps.restart(self._config.seed)
                self._steps.go_to(epoch * self._steps.steps_per_epoch)
                return Position(epoch=epoch)
        if not is_ready:
            raise TrainingError(
                f"{START_FILE}, the trained weights that this training goes on from, is missing or damaged. "
                "Train on from the run before once more."
            )
        save_checkpoint(self._run.folder, 0, self._network.get_weights())
        return Position()

    def _load(self, state: TrainingState) -> bool:
        """Loads a saved training state, unless it belongs to another network or other settings."""
        initial_weights = self._network.get_weights()
        position = state.position
        try:
            if position.epoch > self._config.epochs or position.step >= self._steps.steps_per_epoch:
                raise ValueError("it is beyond the last step of this training")
            self._network.set_weights(list(state.weights))
            self._steps.load_state(dict(state.steps_state))
        except (KeyError, IndexError, ValueError) as error:
            logging.getLogger(__name__).warning("the training state of run %s does not fit: %s", self._run.id, error)
            self._network.set_weights(initial_weights)
            self._steps.restart(self._config.seed)
            return False
        self._seconds_before = state.seconds
        self._best_loss, self._epochs_without_gain = state.best_loss, state.epochs_without_gain
        return True

    def _run_steps(self, position: Position) -> Position:
        """Runs as many steps as fit between two reports, logs them and returns the position behind them."""
        remaining = self._steps.steps_per_epoch - position.step
        fitting = 1 if self._seconds_per_step is None else max(1, int(REPORT_SECONDS / self._seconds_per_step))
        # The very first step includes the tracing of the function, so the second chunk measures the speed.
        start = time.monotonic()
        losses, correct = self._steps.run(position.step, min(remaining, fitting))
        measured = (time.monotonic() - start) / len(losses)
        self._seconds_per_step = 0.02 if self._seconds_per_step is None else measured
        if not np.isfinite(losses).all():
            first = position.step + int(np.argmin(np.isfinite(losses)))
            what = f"the loss is no longer a number since epoch {position.epoch + 1}, step {first + 1}"
            self._diverge(what, self._total_step(position) + first - position.step)
        sizes = self._batch_sizes(position.step, len(losses))
        self._log(
            Steps(
                epoch=position.epoch,
                step=position.step,
                loss=tuple(np.round(losses.astype(np.float64), 5).tolist()),
                accuracy=tuple(np.round(correct / sizes, 4).tolist()),
                seconds=round(self._seconds(), 3),
            )
        )
        return Position(
            epoch=position.epoch,
            step=position.step + len(losses),
            loss_sum=position.loss_sum + float(losses @ sizes),
            correct=position.correct + int(correct.sum()),
        )

    def _finish_epoch(self, position: Position, throughput: float) -> str | None:
        """Validates, writes a checkpoint and logs; returns why training ends here, or None."""
        epoch = position.epoch + 1
        self._last_loss = position.loss_sum / self._count
        validation = self._predict(self._data.validation) if len(self._data.validation.labels) else None
        if validation is not None:
            if validation.loss < self._best_loss:
                self._best_loss, self._epochs_without_gain = validation.loss, 0
            else:
                self._epochs_without_gain += 1
        save_checkpoint(self._run.folder, epoch, self._network.get_weights())
        end = EpochEnd(
            epoch=epoch,
            loss=round(_finite(self._last_loss), 6),
            accuracy=round(position.correct / self._count, 6),
            images_per_second=round(throughput, 1),
            validation_loss=None if validation is None else _finite(validation.loss),
            validation_accuracy=None if validation is None else validation.accuracy,
            seconds=round(self._seconds(), 3),
        )
        self._log(end)
        return stopping_criterion(self._config, end, self._epochs_without_gain)

    def _evaluate(self, epoch: int, why: str | None, seconds: float) -> None:
        evaluation = self._predict(self._data.test)
        save_network(self._run.folder, self._network)
        evaluation.save(self._run.folder)
        other = self._evaluate_on_other()
        if self._ancestors:
            self._measure("after", {each.dataset: each for each in (evaluation, other) if each is not None})
        self._log(
            Evaluated(
                test_loss=_finite(evaluation.loss),
                test_accuracy=evaluation.accuracy,
                seconds=round(seconds, 3),
                epochs=epoch,
                why="it was stopped" if why == STOP_REQUEST else why,
                advice=advice(evaluation, self._last_loss, self._config.rate) if epoch else None,
                other_test_accuracy=None if other is None else other.accuracy,
            )
        )

    def _evaluate_on_other(self) -> Evaluation | None:
        """Evaluates the network on the other test set, if there is one, and saves that."""
        names = names_of_test_sets(self._config.dataset)
        if len(names) < 2:
            return None
        _, name = names
        try:
            evaluation = self._predict(cached_dataset(name).test, name)
        except DatasetError as error:
            # What was learnt is worth more than this figure.
            logging.getLogger(__name__).warning("run %s: not tested on %s: %s", self._run.id, name, error)
            return None
        evaluation.save(self._run.folder, name)
        return evaluation

    def _measure(
        self, stage: Literal["before", "after"], known: Mapping[str, Evaluation], done: Collection[str] = ()
    ) -> None:
        """Logs the accuracy on what the run is trained on, and on what the trainings before were.

        Args:
            stage: where the training stands.
            known: evaluations of the network as it is, by test set.
            done: what has been logged already.
        """
        for name, split in measured_splits(self._config, self._ancestors, self._data):
            if name in done:
                continue
            evaluation = known.get(name) or self._predict(split, name)
            count, loss = len(split.labels), _finite(evaluation.loss)
            self._log(Measured(stage=stage, on=name, images=count, accuracy=evaluation.accuracy, loss=loss))

    def _predict(self, split: Split, test_set: str | None = None) -> Evaluation:
        predicted = probabilities(self._network, split.images)
        if problem := not_numbers(predicted):
            self._diverge(problem, self._steps.steps_done)
        own, *_ = names_of_test_sets(self._config.dataset)
        return Evaluation(predicted, split.labels, test_set or own, split.writers)

    def _diverge(self, what: str, step: int) -> NoReturn:
        """Ends the training.

        Args:
            what: the symptom, for the visitor.
            step: of the whole training, the first one with the symptom.
        """
        explanation = self._measurements.explain_divergence(step)
        raise DivergedError(diverged(what, self._config.rate, explanation))

    def _total_step(self, position: Position) -> int:
        """Returns the next step, counted over all epochs, from 0."""
        return position.epoch * self._steps.steps_per_epoch + position.step

    def _save(self, position: Position) -> None:
        state = TrainingState(
            weights=self._network.get_weights(),
            steps_state=self._steps.state(),
            position=position,
            seconds=self._seconds(),
            best_loss=self._best_loss,
            epochs_without_gain=self._epochs_without_gain,
        )
        save_training_state(self._run.folder, state)

    def _batch_sizes(self, step: int, count: int) -> NDArray[np.int64]:
        ends = np.minimum(np.arange(step + 1, step + count + 1) * self._config.batch_size, self._count)
        return ends - np.arange(step, step + count) * self._config.batch_size

    def _seconds(self) -> float:
        """Returns the training time so far, pauses and the preparation of the first images left out."""
        return self._seconds_before + (0.0 if self._started is None else time.monotonic() - self._started)

    def _log(self, event: Event) -> None:
        event = append_event(self._run.folder, event)
        if self._report is not None:
            self._report(event)

    def _end(self, state: State) -> State:
        self._run.set_state(state)
        return state


def _fail(run: Run, message: str, cause: str | None = None) -> State:
    try:
        run.fail(message, cause)
    except OSError:
        # A full disk or a read-only folder: cannot record the failure; readers see the heartbeat stop.
        logging.getLogger(__name__).error("run %s: %s", run.id, message)
    return "failed"


def _finite(loss: float) -> float:
    return float(np.nan_to_num(loss, nan=NOT_A_NUMBER, posinf=NOT_A_NUMBER))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["(no message)"])[0][:300]
