"""One thread for NumPy's matrix products."""

from __future__ import annotations

from functools import cache

from threadpoolctl import threadpool_limits


@cache
def use_one_blas_thread() -> None:
    """Lets NumPy's BLAS compute with one thread from now on, in the whole process.

    The products of small classifiers take a fraction of a millisecond. OpenBLAS's threads wait for each other by
    spinning: beside other work on the same cores a training of a second took eight minutes with two threads. The
    process serves many visitors at once, whose pages are enough to fill the cores.
    """
    threadpool_limits(1, user_api="blas")
