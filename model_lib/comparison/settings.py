"""Settings and layers of several runs beside each other, and which of them differ."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from model_lib.comparison.record import RunRecord
from model_lib.comparison.settings_text import first_weights_in_words
from model_lib.config.layer_kinds import LAYER_KINDS
from model_lib.config.multiplications import multiplications
from model_lib.config.network import LayerSpec, NetworkError, NetworkSpec
from model_lib.config.setting import Setting
from model_lib.config.training import SETTINGS, TrainingConfig
from model_lib.storage.lineage import ancestors_of
from model_lib.storage.run import RunError

# What stands where a run has no such layer, or where a setting has no effect beside its others.
ABSENT: Final = "–"
# What stands where a network was brought without its training.
UNKNOWN: Final = "not known"
_OWN_DIGITS: Final = "Digits drawn by hand"
_FIRST_WEIGHTS: Final = "First weights"


@dataclass(frozen=True)
class SettingRow:
    """One setting, or one layer, of several runs.

    Args:
        title: what it is called.
        values: in words, one a run, as plain text.
    """

    title: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether not all of the values are the same; one that is not known is no other one."""
        return len(set(self.values) - {UNKNOWN}) > 1


def setting_rows(records: Sequence[RunRecord]) -> tuple[SettingRow, ...]:
    """Returns a row for each setting that has an effect in one of the runs at least, in the order of the form.

    A learning rate that was left to the optimizer is the same as the same number typed in. Where one of them went on
    from trained weights, the last row says what each started from.
    """
    rows = [
        SettingRow(setting.label, tuple(_value_in_words(setting, record.config) for record in records))
        for setting in SETTINGS.values()
        if setting.name != "own_digits"
    ]
    rows += [_own_digits_row(records), _first_weights_row(records)]
    known = [not record.run.has_no_training for record in records]
    rows = [
        SettingRow(row.title, tuple(v if k else UNKNOWN for v, k in zip(row.values, known, strict=True)))
        for row in rows
    ]
    return tuple(row for row in rows if not set(row.values) <= {ABSENT, UNKNOWN})


def network_rows(records: Sequence[RunRecord]) -> tuple[SettingRow, ...]:
    """Returns a row for each layer, equal kinds beside each other, and rows for what the networks hold and need."""
    specs = [record.spec for record in records]
    scales = SettingRow("Pixels multiplied by", tuple(f"{spec.pixel_scale:g}" for spec in specs))
    rows = [scales] if any(spec.pixel_scale != 1.0 for spec in specs) else []
    for number, layers in enumerate(aligned_layers([spec.layers for spec in specs]), start=1):
        rows.append(SettingRow(f"Layer {number}", tuple(_layer_in_words(layer) for layer in layers)))
    counts = (f"{record.parameters:,}" if record.parameters else ABSENT for record in records)
    rows.append(SettingRow("Parameters", tuple(counts)))
    rows.append(SettingRow("Multiplications for one image", tuple(_multiplications_in_words(spec) for spec in specs)))
    return tuple(rows)


def aligned_layers(stacks: Sequence[Sequence[LayerSpec]]) -> list[tuple[LayerSpec | None, ...]]:
    """Returns rows of layers, so that the same kinds of layer of several networks stand beside each other.

    A layer that only some of the networks have is a row of its own, with None at the others: what follows it is not
    taken for different.

    Args:
        stacks: layers of each network, from the image on.
    """
    rows: list[list[LayerSpec | None]] = []
    for number, stack in enumerate(stacks):
        known = [next(layer.kind for layer in row if layer is not None) for row in rows]
        matcher = difflib.SequenceMatcher(None, known, [layer.kind for layer in stack], autojunk=False)
        merged: list[list[LayerSpec | None]] = []
        row, place = 0, 0
        for match in matcher.get_matching_blocks():
            merged += [[*each, None] for each in rows[row : match.a]]
            merged += [[*_nothing(number), layer] for layer in stack[place : match.b]]
            pairs = zip(rows[match.a :], stack[match.b :], strict=False)
            merged += [[*each, layer] for (each, layer), _ in zip(pairs, range(match.size), strict=False)]
            row, place = match.a + match.size, match.b + match.size
        rows = merged
    return [tuple(row) for row in rows]


def differing(rows: Iterable[SettingRow]) -> tuple[SettingRow, ...]:
    """Returns those rows that differ."""
    return tuple(row for row in rows if row.differs)


def _own_digits_row(records: Sequence[RunRecord]) -> SettingRow:
    """Returns the row of the visitors' own digits: by numbers, since the names of their sets are nobody else's."""
    sets = list(dict.fromkeys(record.config.own_digits for record in records if record.config.own_digits))
    words = {name: "mixed in" if len(sets) == 1 else f"mixed in, set {sets.index(name) + 1}" for name in sets}
    if not sets:
        return SettingRow(_OWN_DIGITS, (ABSENT,) * len(records))
    return SettingRow(_OWN_DIGITS, tuple(words.get(record.config.own_digits, "not mixed in") for record in records))


def _first_weights_row(records: Sequence[RunRecord]) -> SettingRow:
    starts = [_first_weights(record) for record in records]
    random = first_weights_in_words(())
    return SettingRow(_FIRST_WEIGHTS, tuple(starts if set(starts) != {random} else [ABSENT] * len(records)))


def _first_weights(record: RunRecord) -> str:
    try:
        return first_weights_in_words(ancestors_of(record.run))
    except RunError:  # deleted meanwhile, or what it says of them is damaged
        return UNKNOWN


def _nothing(count: int) -> Iterable[None]:
    return (None for _ in range(count))


def _layer_in_words(layer: LayerSpec | None) -> str:
    if layer is None:
        return ABSENT
    detail = LAYER_KINDS[layer.kind].detail(layer) if layer.kind in LAYER_KINDS else ""
    return f"{layer.kind}: {detail}" if detail else layer.kind


def _multiplications_in_words(spec: NetworkSpec) -> str:
    try:
        return f"{multiplications(spec):,}"
    except NetworkError:  # of a version with other layers
        return ABSENT


def _value_in_words(setting: Setting, config: TrainingConfig) -> str:
    if not setting.used_if(config):
        return ABSENT
    value: Any = config.rate if setting.name == "learning_rate" else getattr(config, setting.name)
    if value is None:
        return setting.placeholder or "none"
    if setting.choices:
        return setting.choices.get(value, str(value))  # of a visitor's image set, or of another version
    if setting.is_share:
        return f"{round(100 * value, 6):,.15g} %"
    return f"{value:,.15g}"
