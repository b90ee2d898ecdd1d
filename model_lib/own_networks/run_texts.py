"""The texts of a run that was brought as a zip, read into this app's own objects, which alone are written again."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Set
from typing import Any, Final

from model_lib.config.network import NetworkError, NetworkSpec
from model_lib.config.presets import PRESETS
from model_lib.config.summary import summarise
from model_lib.config.training import SettingsError, TrainingConfig, check_config
from model_lib.datasets.image_set_names import is_image_set, unsplit
from model_lib.datasets.loading import TITLES, is_on_disk, names_of_test_sets
from model_lib.diagnostics.log import parse_statistics
from model_lib.diagnostics.statistics import NetworkStatistics
from model_lib.own_networks.limits import check_cost
from model_lib.own_networks.zip_members import RunZipError, shown
from model_lib.storage.events import EpochEnd, Event, Measured, StateChanged, from_json, to_json
from model_lib.storage.format import FormatError, without_format
from model_lib.storage.lineage import Ancestor, read_ancestors
from model_lib.storage.notes import RunNotes
from model_lib.storage.run import RunError

MOST_LAYERS: Final = 100
_MOST_ANCESTORS: Final = 50
_LONGEST_TITLE: Final = 60
_LONGEST_SENTENCE: Final = 400
_LONGEST_LINE: Final = 64 * 1024
_LARGEST_NUMBER: Final = 1e12
_MOST_STEPS: Final = 10_000_000
# In the year 2096; later ones are no dates on some systems.
_LATEST_TIME: Final = 4e9
_OWN_DIGITS: Final = "own_digits"
_STAGES: Final = ("before", "after")


def read_spec(entry: Mapping[str, Any]) -> NetworkSpec:
    """Returns the network of spec.json, checked as one that is built here, under a title that is no Markdown.

    Raises:
        RunZipError: if it cannot be built.
    """
    try:
        entry = without_format(entry)
        scale, layers = entry.get("pixel_scale", 1.0), entry.get("layers")
        is_scale = type(scale) in (int, float) and 1e-3 <= scale <= 1e4
        if not isinstance(layers, list) or len(layers) > MOST_LAYERS or not is_scale:
            raise NetworkError(f"It must have up to {MOST_LAYERS} layers and a pixel_scale from 0.001 to 10,000.")
        if not all(isinstance(layer, dict) and isinstance(layer.get("kind"), str) for layer in layers):
            raise NetworkError("Each layer must be an object with a kind.")
        plain = [{name: _plain(value) for name, value in layer.items()} for layer in layers]
        spec = NetworkSpec.from_dict({"name": "own", "layers": plain, "pixel_scale": float(scale)})
        check_cost(spec)
    except (NetworkError, FormatError, TypeError, ValueError) as error:
        raise RunZipError(f"The network in this zip cannot be built here: {as_text(str(error))}") from error
    name = entry.get("name")
    if isinstance(name, str) and name in PRESETS and dataclasses.replace(spec, name=name) == PRESETS[name]:
        return PRESETS[name]
    # A name that a preset has would make it that preset wherever one looks by name.
    name = name if isinstance(name, str) and re.fullmatch("[a-z0-9_]{1,40}", name) and name not in PRESETS else "own"
    return dataclasses.replace(spec, name=name, title=as_title(entry.get("title"), "Network from a zip"))


def read_config(entry: Mapping[str, Any], own_sets: Set[str]) -> tuple[TrainingConfig, tuple[Ancestor, ...], list[str]]:
    """Returns the settings of config.json, the trainings that the run goes on from, and what was left out, in words.

    Args:
        entry: the file's content.
        own_sets: names of the image sets of whoever brings the run.

    Raises:
        RunZipError: if a setting is impossible, or its images are not here.
    """
    try:
        entry = without_format(entry)
        known = {each.name for each in dataclasses.fields(TrainingConfig)}
        config = TrainingConfig.from_dict({name: _plain(entry[name]) for name in known & set(entry)})
        dataset, notes = config.dataset, []
        if is_image_set(dataset):
            if unsplit(dataset) not in own_sets:
                raise RunZipError(
                    "This run was trained on an image set that its visitor had brought. Bring the same images to the "
                    "page Your image set first, then bring this zip again."
                )
        elif dataset not in TITLES:
            raise RunZipError(f"The data set of this run is unknown to this version of the app: {shown(dataset)}.")
        elif not is_on_disk(dataset):
            raise RunZipError(f"This run was trained on {TITLES[dataset]}, which this server has not downloaded.")
        if config.own_digits:
            # Digits that somebody drew belong to that person, and their name here may be somebody else's.
            config = dataclasses.replace(config, own_digits="", replay="all")
            notes.append("Hand-drawn digits were mixed in. They stay on the other server, so Resume goes on without.")
        check_config(config)
        parents = entry.get("parents", [])
        if not isinstance(parents, list) or len(parents) > _MOST_ANCESTORS:
            raise RunError(f"`parents` must be a list of up to {_MOST_ANCESTORS}.")
        ancestors = tuple(map(_ancestor, read_ancestors(parents)))
    except (SettingsError, FormatError, RunError, TypeError, ValueError) as error:
        raise RunZipError(f"The settings in this zip cannot be used here: {as_text(str(error))}") from error
    return config, ancestors, notes


def read_events_of(content: bytes, config: TrainingConfig) -> list[Event]:
    """Returns the events of a log that can be written again; lines that no training of this app writes are left out.

    Args:
        content: of events.jsonl.
        config: the settings of its run.
    """
    test_sets = {*names_of_test_sets(config.dataset), *TITLES, _OWN_DIGITS, f"{_OWN_DIGITS}_trained"}
    events, steps = [], 0
    for line in content.splitlines():
        if len(line) > _LONGEST_LINE:
            continue
        try:
            event = from_json(line)
        except RecursionError:
            continue
        if event is None:
            continue
        if not all(map(_is_plausible, dataclasses.asdict(event).items())):
            continue
        if isinstance(event, EpochEnd) and event.epoch < 1:
            continue
        if isinstance(event, Measured) and (event.on not in test_sets or event.stage not in _STAGES):
            continue
        steps += len(getattr(event, "loss", ())) if isinstance(getattr(event, "loss", 0), tuple) else 0
        if steps > _MOST_STEPS:
            break
        texts: dict[str, Any] = {
            name: as_text(value)
            for name, value in vars(event).items()
            if isinstance(value, str) and not isinstance(event, Measured | StateChanged)
        }
        event = dataclasses.replace(event, **texts)
        try:
            to_json(event)
        except ValueError:  # infinity, or no number at all
            continue
        events.append(event)
    return events


def read_statistics_of(content: bytes, spec: NetworkSpec) -> list[NetworkStatistics]:
    """Returns the measurements of a log whose layers are those of the network."""
    layers = {(row.name, row.kind) for row in summarise(spec)}
    lines = []
    for line in content.splitlines():
        try:
            json.loads(line)
        except (ValueError, RecursionError):
            continue
        lines.append(line)
    measured = parse_statistics(b"".join(line + b"\n" for line in lines))
    return [
        each
        for each in measured
        if each.step <= _MOST_STEPS and {(layer.name, layer.kind) for layer in each.layers} <= layers
    ]


def read_notes_of(entry: Mapping[str, Any]) -> RunNotes:
    """Returns what people said of the run; pages show it as text."""
    texts = {name: entry.get(name) for name in ("title", "nickname", "note")}
    kept = {name: _printable(text) for name, text in texts.items() if isinstance(text, str)}
    return RunNotes(**kept, is_starred=entry.get("is_starred") is True)


def as_title(value: object, otherwise: str) -> str:
    """Returns a title that pages may show as Markdown: letters, digits and a few signs that mean nothing there."""
    text = value[:_LONGEST_TITLE] if isinstance(value, str) else ""
    return " ".join(re.sub(r"[^\w ·,()-]|_", " ", text).split()) or otherwise


def as_text(text: str) -> str:
    """Returns a sentence that pages may show as Markdown; marks of Markdown, HTML and links become question marks."""
    return re.sub(r"[^\w .,;:%()“”'/+-]|:(?! )|_(?=_)|/(?=/)", "?", " ".join(text[:_LONGEST_SENTENCE].split()))


def _plain(value: Any) -> Any:
    """Returns a value that a setting or an option may have.

    Raises:
        ValueError: for a list, an object, a number beyond all bounds or a long text.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= 100:
        return value
    if isinstance(value, int | float) and -_LARGEST_NUMBER < value < _LARGEST_NUMBER:
        return value
    raise ValueError("A value must be a short text or a number.")


def _is_plausible(field: tuple[str, Any]) -> bool:
    name, value = field
    values = value if isinstance(value, tuple) else (value,)
    for each in values:
        if isinstance(each, int | float):
            if not 0 <= each <= _LARGEST_NUMBER:  # nor infinity, nor no number at all
                return False
            if "accuracy" in name and each > 1:
                return False
            if name in ("epoch", "epochs") and each > 10_000:
                return False
            if name in ("step", "steps_per_epoch") and each > _MOST_STEPS:
                return False
            if name == "time" and each > _LATEST_TIME:
                return False
    return True


def _ancestor(ancestor: Ancestor) -> Ancestor:
    known = tuple(each for each in ancestor.trained_on if each in TITLES or each == _OWN_DIGITS or is_image_set(each))
    name = ancestor.id if re.fullmatch(r"[A-Za-z0-9_-]{1,100}", ancestor.id) else "unknown"
    epochs = min(ancestor.epochs, 10_000)
    return Ancestor(name, as_title(ancestor.title, "A run"), epochs, known[:10], ancestor.has_seen_own_digits)


def _printable(text: str) -> str:
    return "".join(each for each in text[:5000] if each.isprintable() or each == "\n")
