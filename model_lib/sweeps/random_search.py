"""Random search: points drawn between the lowest and the highest value of each setting, by Optuna.

Source: J. Bergstra, Y. Bengio, "Random Search for Hyper-Parameter Optimization", JMLR 13, 2012.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from model_lib.sweeps.factors import FACTORS, Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

_DIGITS: Final = 3
_DRAWS_A_POINT: Final = 20


def draw_points(values: Mapping[str, tuple[Value, ...]], count: int, seed: int) -> tuple[tuple[Value, ...], ...]:
    """Draws points: of numbers between the lowest and the highest, on a logarithmic scale where that suits the
    setting and neither is 0; of choices one of those given.

    Args:
        values: of each setting, by its name.
        count: how many points; fewer are returned where so many different ones do not exist.
        seed: the same one gives the same points.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    ranges = {name: _distribution(name, each) for name, each in values.items()}
    points: dict[tuple[Value, ...], None] = {}
    for _ in range(count * _DRAWS_A_POINT):
        drawn = study.ask(ranges).params
        points[tuple(_rounded(drawn[name]) for name in values)] = None
        if len(points) == count:
            break
    return tuple(points)


def _distribution(name: str, values: tuple[Value, ...]) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    factor = FACTORS[name]
    if not factor.is_number:
        return CategoricalDistribution(values)
    numbers = [float(value) for value in values]
    low, high = min(numbers), max(numbers)
    is_log = factor.is_log and low > 0
    if factor.setting.is_whole:
        return IntDistribution(int(low), int(high), log=is_log)
    return FloatDistribution(low, high, log=is_log)


def _rounded(value: Value) -> Value:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
