"""The script that trains a run's network again, in the style of the programs of many tutorials (`programs/`)."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from model_lib.config.network import NetworkSpec
from model_lib.config.training import Replay, TrainingConfig
from model_lib.datasets.loading import TITLES
from model_lib.export.cells import IMAGES_VARIABLE, KERAS_DATASETS, training_cells
from model_lib.number_format import accuracy_text

_WIDTH: Final = 88
_OWN_DIGITS: Final[Mapping[Replay, str]] = {
    "all": "The run was trained on somebody's own digits too; they are left out here.",
    "equal": (
        "The run was trained on somebody's own digits and on only as many images of the data set; here those digits "
        "are left out, and all images of the data set are taken."
    ),
    "none": "The run was trained on somebody's own digits alone, which this program does not have: it takes the data "
    "set.",
}


@dataclass(frozen=True, kw_only=True)
class TrainingProgram:
    """What a script or notebook is made of.

    Args:
        spec: the network.
        config: the settings of its training.
        has_parents: whether its training went on from trained weights.
        test_accuracy: that of the run, 0 to 1; None if it is not known.
        is_untold: whether the network was brought as a file, so that nothing is known of its training.
        stopped_after: epochs after which the training was stopped; None if it was not.
    """

    spec: NetworkSpec
    config: TrainingConfig
    has_parents: bool = False
    test_accuracy: float | None = None
    is_untold: bool = False
    stopped_after: int | None = None

    def introduction(self) -> str:
        """Returns one or two sentences: what the program does, and what the run came to."""
        title = TITLES.get(self.config.dataset, "images of your own")
        text = f"Trains a network on {title} with TensorFlow alone, as a run of “See a network learn” did."
        if self.is_untold:
            text = (
                f"Trains on {title}, with TensorFlow alone and the usual settings, the layers of a network that was "
                "brought to “See a network learn” as a file: how it was trained is not known there."
            )
            if self.test_accuracy is not None:
                text += f" The network itself reached {accuracy_text(self.test_accuracy)} on the test images."
        elif self.test_accuracy is not None:
            text += f" The run reached {accuracy_text(self.test_accuracy)} on the test images."
        return text

    def not_repeated(self) -> list[str]:
        """Returns what the program does otherwise than the training did, in sentences for the visitor; none is usual.

        That the random numbers are others goes without saying here.
        """
        config, sentences = self.config, []
        if self.has_parents:
            sentences.append("The run went on from trained weights (fine-tuning); this begins with random ones.")
        if self.stopped_after is not None and self.stopped_after < config.epochs:
            epochs = f"{config.epochs} epoch{'' if config.epochs == 1 else 's'}"
            sentences.append(
                f"The run was stopped after {self.stopped_after} of {epochs}; here all of them are trained. "
                "Change EPOCHS to end as early."
            )
        if config.own_digits:
            sentences.append(_OWN_DIGITS[config.replay])
        if config.augmentation != "none" or config.recipe.broken_strokes or config.recipe.tremor_px:
            sentences.append(
                "The run moved, turned and bent its training images anew in every epoch (augmentation); "
                "here they stay as they are, so the accuracy on new handwriting may be lower."
            )
        return sentences


def keras_script(program: TrainingProgram) -> str:
    """Returns the script: plain Keras with comments, a part after each `# %%`.

    Args:
        program: what it trains.

    Raises:
        NetworkError: if the stack cannot be built.
    """
    lines = ['"""' + _wrapped(program.introduction()), "", *_usage(program.config)]
    if sentences := program.not_repeated():
        lines += ["", "Otherwise than in the run:", *(_wrapped(f"- {each}", "  ") for each in sentences)]
    if not program.is_untold:
        lines += ["", _wrapped("Other random numbers than in the run: the accuracy may differ as between two seeds.")]
    lines.append('"""')
    parts = ["\n".join(lines)]
    for cell in training_cells(program.spec, program.config):
        if cell.name == "imports":
            parts.append("\n" + cell.code)
            continue
        # A class stands two lines below what is before it.
        space = "\n\n" if cell.name == "callbacks" and cell.code.startswith("class") else "\n"
        parts.append(f"{space}# %% {cell.name}: {cell.title}\n{cell.code}")
    return "\n".join(parts) + "\n"


def _usage(config: TrainingConfig) -> list[str]:
    lines = ["    pip install tensorflow"]
    if config.dataset in KERAS_DATASETS:
        lines.append("    python train_network.py              (Keras fetches the images once)")
    lines.append("    python train_network.py images.npz   (arrays x_train, y_train, x_test, y_test)")
    return [*lines, "", f"The variable {IMAGES_VARIABLE} may name that file too."]


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, _WIDTH, subsequent_indent=indent)


def file_stem(parts: Sequence[str]) -> str:
    """Returns a name for files made of some words: letters, digits, - and _ alone."""
    kept = ("".join(c if c.isascii() and c.isalnum() else "_" for c in part).strip("_") for part in parts)
    return "-".join(part for part in kept if part)[:80] or "network"
