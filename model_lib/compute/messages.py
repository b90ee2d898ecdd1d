"""What the web process and the compute worker send each other, and what a computation is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from model_lib.datasets.loading import ProgressCallback

T = TypeVar("T")


class Computation(ABC, Generic[T]):
    """A function with its arguments: a frozen dataclass, so that equal ones are computed once, and picklable.

    Attributes:
        is_batch: whether it takes seconds; interactive ones run beside those and need not wait for them.
    """

    is_batch: ClassVar[bool] = False

    @abstractmethod
    def compute(self, report: ProgressCallback) -> T:
        """Computes the result, in the worker.

        Args:
            report: is called with 0 to 1, several times a second if possible; raises when the computation is cancelled.

        Returns:
            NumPy arrays, or plain data that holds some: the web process must read it without TensorFlow.
        """


@dataclass(frozen=True)
class Request:
    """Asks the worker for a computation."""

    number: int
    computation: Computation[Any]


@dataclass(frozen=True)
class Cancellation:
    """Ends a computation at its next report; nothing is answered."""

    number: int


@dataclass(frozen=True)
class Ready:
    """The worker has loaded TensorFlow."""


@dataclass(frozen=True)
class Progress:
    """How far a computation is, 0 to 1."""

    number: int
    fraction: float


@dataclass(frozen=True)
class Result:
    """What a computation has returned."""

    number: int
    value: Any


@dataclass(frozen=True)
class Failure:
    """What a computation has raised."""

    number: int
    error: Exception
