"""What a network that somebody brings may cost: its answers are worked out here, beside everybody else's work."""

from __future__ import annotations

from typing import Final

from model_lib.config.multiplications import multiplications
from model_lib.config.network import NetworkError, NetworkSpec

MOST_MULTIPLICATIONS: Final = 200_000_000


def check_cost(spec: NetworkSpec) -> None:
    """Makes sure that a network can be tested on all test images within minutes.

    Raises:
        NetworkError: if an image costs too many multiplications, or the stack cannot be built.
    """
    needed = multiplications(spec)
    if needed > MOST_MULTIPLICATIONS:
        raise NetworkError(
            f"The network may need up to {MOST_MULTIPLICATIONS:,} multiplications for an image. Received: {needed:,}. "
            "Pool earlier, or give the first convolutions fewer filters."
        )
