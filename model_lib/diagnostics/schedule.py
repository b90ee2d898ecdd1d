"""At which steps of a training its layers are measured: densely at first, and within a share of the training time."""

from __future__ import annotations

from typing import Final

MOST_MEASUREMENTS: Final = 40
# Of the training time. A short training has fewer measurements for it.
TIME_SHARE: Final = 0.01


class MeasurementSchedule:
    """Decides when to measure. It reads no clock: it is told what time has passed and what a measurement took.

    The planned steps lie quadratically, since most happens in the first ones. A measurement that would exceed the share
    of the training time so far is made later, at the first step at which it fits.

    Args:
        total_steps: of the whole training, above 0.
        first_step: from which this process trains, above 0 for a training that resumes. Its measurement has been made,
            while the training was prepared.
        cost_seconds: what that one took.
    """

    def __init__(self, total_steps: int, first_step: int, cost_seconds: float) -> None:
        last = MOST_MEASUREMENTS - 1
        # Behind the last step there is one more, outside of the training time.
        steps = {round(total_steps * (number / last) ** 2) for number in range(1, last)}
        self._planned = sorted(step for step in steps if step > first_step)
        self._spent = 0.0
        self._expected = cost_seconds

    def is_due(self, step: int, seconds: float) -> bool:
        """Returns whether to measure now.

        Args:
            step: of the whole training, the next one.
            seconds: training time of this process so far.
        """
        is_planned = bool(self._planned) and step >= self._planned[0]
        return is_planned and self._spent + self._expected <= TIME_SHARE * seconds

    def note(self, step: int, cost_seconds: float) -> None:
        """Notes a measurement within the training time, and what it took."""
        self._planned = [planned for planned in self._planned if planned > step]
        self._spent += cost_seconds
        self._expected = cost_seconds
