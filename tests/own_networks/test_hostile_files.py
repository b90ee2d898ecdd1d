"""Hostile files do nothing but produce a message: no code is run, no file is read or written, little memory is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from model_lib.own_networks.archive import OwnNetworkError
from model_lib.own_networks.reading import read_network
from tests.own_networks.files import hostile_files, keras_file
from tests.support.app_server import PROJECT

_MOST_MEMORY_KB = 500 * 1024
_CANARY = "/tmp/own_networks_canary"
_FILES = hostile_files(_CANARY)


def test_the_ordinary_file_of_which_they_are_made_is_read() -> None:
    network = read_network(keras_file())
    assert [layer.kind for layer in network.layers] == ["Flatten"]
    assert [weight.shape for weight in network.weights] == [(784, 10), (10,)]


def test_there_are_forty_of_them() -> None:
    assert len(_FILES) >= 40


@pytest.mark.parametrize("name", _FILES)
def test_a_hostile_file_does_nothing_but_produce_a_message(name: str, tmp_path: Path) -> None:
    with pytest.raises(OwnNetworkError) as refused:
        read_network(_FILES[name])
    assert len(str(refused.value)) > 20 and "Traceback" not in str(refused.value)
    assert not Path(_CANARY).exists(), "code in the file was run, or a file was written"


_READ_ALL = """
import resource
from model_lib.own_networks.archive import OwnNetworkError
from model_lib.own_networks.reading import read_network
from tests.own_networks.files import hostile_files
for content in hostile_files("/tmp/own_networks_canary").values():
    try:
        read_network(content)
    except OwnNetworkError:
        pass
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="The unit of ru_maxrss is that of Linux.")
def test_no_hostile_file_takes_much_memory() -> None:
    # In a process of its own: what is measured is the largest of all children that a process has had.
    read = subprocess.run([sys.executable, "-c", _READ_ALL], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert int(read.stdout) < _MOST_MEMORY_KB
