"""Networks as computations name them, and the worker's cache of them and of what is computed from all images."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model_lib.datasets.loading import Dataset, cached_dataset
from model_lib.storage.run import Run

if TYPE_CHECKING:
    from model_lib.interpretability.layer_outputs import FeatureReader

_NETWORKS: Final = 8
# A network without a dense layer has 80 MB of features.
_FEATURES: Final = 2


@dataclass(frozen=True)
class NetworkReference:
    """A network at one point of its training.

    Args:
        folder: the run's; None for the network that ships with the project.
        epoch: after which epoch; None for the newest weights.
        stamp: changes whenever those weights do, so that results of older ones are not taken for theirs.
    """

    folder: str | None
    epoch: int | None = None
    stamp: float = 0.0

    @property
    def run(self) -> Run | None:
        """Its run; None for the network that ships with the project."""
        return None if self.folder is None else Run(Path(self.folder))

    @property
    def dataset(self) -> Dataset:
        """The data set that it was trained on.

        Raises:
            RunError: if the run has been deleted.
            DatasetError: if the data set is missing or damaged.
        """
        return cached_dataset("mnist" if self.run is None else self.run.config.dataset)


PRETRAINED: Final = NetworkReference(None)

_opening: Final = threading.Lock()
_features: Final[OrderedDict[Hashable, Any]] = OrderedDict()


def open_reader(network: NetworkReference) -> FeatureReader:
    """Returns the reader of a network, in the worker; the last ones are kept.

    Raises:
        RunError: if the run has no such weights, or has been deleted.
        PredictionError: if the bundled network is damaged.
    """
    with _opening:
        return _open_reader(network)


@lru_cache(maxsize=_NETWORKS)
def _open_reader(network: NetworkReference) -> FeatureReader:
    # Here, not above: the web process imports this module, and they load TensorFlow.
    from model_lib.interpretability.layer_outputs import FeatureReader
    from model_lib.predictions import load_pretrained_keras
    from model_lib.storage.checkpoints import load_network

    run = network.run
    return FeatureReader(load_pretrained_keras() if run is None else load_network(run, network.epoch))


def kept_features(key: Hashable, compute: Callable[[], Any]) -> Any:
    """Returns features of all images, computed unless they are among the last ones asked for.

    Batch computations alone call it, one at a time.
    """
    if key not in _features:
        while len(_features) >= _FEATURES:
            _features.popitem(last=False)
        _features[key] = compute()
    _features.move_to_end(key)
    return _features[key]
