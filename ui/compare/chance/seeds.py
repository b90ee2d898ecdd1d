"""What a setting did: groups of runs with the same settings but for the random seed, compared seed by seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from model_lib.comparison.seed_groups import (
    Band,
    SeedGroup,
    SettingEffect,
    closest_groups,
    group_by_settings,
    group_name,
    missing_seeds,
    setting_effect,
    varying_labels,
)
from model_lib.comparison.sentences import sentences_of_setting
from model_lib.figures.comparison.seed_pairs import seed_pairs
from model_lib.number_format import accuracy_text
from ui.compare.chance.missing_seeds import offer_missing_seeds
from ui.compare.chance.selection import change, current_choice
from ui.compare.records import recorded_runs
from ui.compare.selection import chosen_records
from ui.shared.charts import show_chart
from ui.shared.layout import side_by_side
from ui.shared.visit import mirrored
from ui.shared.wording import in_markdown

_FEWEST_SEEDS: Final = 2
# Each is compared with each other one to find the two that differ least.
_MOST_GROUPS: Final = 60
# Longer tables scroll in their place.
_MOST_ROWS: Final = 8
_TABLE_PX: Final = 500
_BOX_PX: Final = 440
# A list on a phone has room for so many letters, and the number of seeds.
_LONG_NAME: Final = 34
_TEST: Final = (
    "The random seed sets the first weights and the order of the images, so each seed gives another network. Both "
    "settings are compared seed by seed; Student's t-test says how often chance alone would make the mean difference "
    "as large as that, if the setting did nothing. Validation images judge; the test images are looked at afterwards."
)


def show_seeds() -> None:
    """Shows the groups of seeds, and compares two of them."""
    groups = _shown_groups()
    if len(groups) < 2 or not any(len(group.by_seed) >= _FEWEST_SEEDS for group in groups):
        _say_what_to_train(groups)
    if not groups:
        return
    names = _names_of(groups)
    if len(groups) > 1:
        _show_effect(groups, names)
    st.subheader("Trainings with the same settings", anchor=False)
    _show_table(groups, names)


@st.cache_resource(max_entries=4, show_spinner=False)
def _groups(stamp: tuple[object, ...]) -> tuple[SeedGroup, ...]:
    return group_by_settings(recorded_runs())


def _shown_groups() -> tuple[SeedGroup, ...]:
    """Returns the groups of the chosen runs, and all with several seeds."""
    stamp = tuple((record.id, record.state, record.last_validation, record.test_accuracy) for record in recorded_runs())
    chosen = {record.id for record in chosen_records()} | set(current_choice().groups)
    groups = _groups(stamp)
    first = [group for group in groups if any(record.id in chosen for record in group.records)]
    others = [group for group in groups if group not in first and len(group.by_seed) >= _FEWEST_SEEDS]
    return tuple([*first, *others][:_MOST_GROUPS])


def _names_of(groups: Sequence[SeedGroup]) -> dict[str, str]:
    """Returns what each group is called, by its id: its network, and what differs among those of that network.

    Two of the same name, which a list takes for one, have the id behind it: anything may stand in a network's title.
    """
    labels = {
        network: varying_labels(group for group in groups if group.network == network)
        for network in {group.network for group in groups}
    }
    found = {group.id: group_name(group, labels[group.network]) for group in groups}
    counts = Counter(found.values())
    return {group: name if counts[name] == 1 else f"{name} ({group})" for group, name in found.items()}


def _show_effect(groups: Sequence[SeedGroup], names: Mapping[str, str]) -> None:
    first, second = _choose_groups(groups, names)
    effect = setting_effect(first, second)
    told, *more = sentences_of_setting(effect)
    st.markdown(f"##### {told}", help=_TEST)
    for sentence in more:
        st.markdown(sentence)
    if effect.validation is not None:
        st.markdown("That is said of the setting, for such networks and images, not of two single networks.")
    if effect.differing and effect.has_same_data and effect.has_validation_images:  # else they would not help
        offer_missing_seeds(missing_seeds(effect))
    if effect.seeds and effect.has_same_data:
        validation, test = side_by_side("chance_seeds")
        with validation:
            _show_pairs(effect, "validation")
        with test:
            _show_pairs(effect, "test")


def _choose_groups(groups: Sequence[SeedGroup], names: Mapping[str, str]) -> tuple[SeedGroup, SeedGroup]:
    by_id = {group.id: group for group in groups}
    # A group is named by one of its runs, which need not be its first any more.
    by_run = {record.id: group for group in groups for record in group.records}
    named = list({by_run[name].id: by_run[name] for name in current_choice().groups if name in by_run}.values())
    if len(named) != 2:
        named = list(closest_groups(groups) or groups[:2])
    first, second = named

    def choose(place: int, name: str) -> None:
        pair = [first.id, second.id]
        change(
            groups=tuple(
                pair[::-1] if name == pair[1 - place] else [name if at == place else pair[at] for at in (0, 1)]
            )
        )

    with st.container(horizontal=True):
        for place, title, shown in ((1, "With these settings", second), (0, "instead of these", first)):
            mirrored(
                st.selectbox,
                title,
                list(by_id),
                key=f"chance-group-{place}",
                value=shown.id,
                on_change=lambda name, place=place: choose(place, name),  # type: ignore[misc]
                format_func=lambda name: f"{names[name]} ({_seeds(by_id[name])})" if name in by_id else name,
                width=_BOX_PX,
                help="Settings that were trained with several random seeds. Best are two that differ in one setting.",
            )
    if any(len(names[group.id]) > _LONG_NAME for group in (first, second)):
        st.caption(f"{in_markdown(names[second.id])}, instead of {in_markdown(names[first.id])}.")
    return first, second


def _show_pairs(effect: SettingEffect, measure: str) -> None:
    pairs = [(effect.first.by_seed[seed], effect.second.by_seed[seed]) for seed in effect.seeds]
    of_measure = [
        tuple(record.last_validation if measure == "validation" else record.test_accuracy for record in pair)
        for pair in pairs
    ]
    known = [(one, other) for one, other in of_measure if one is not None and other is not None]
    if not known or len(known) < len(pairs):
        st.caption(f"No {measure} accuracy: these runs have none.")
        return
    st.subheader(
        "On the validation images" if measure == "validation" else "Afterwards, on the test images", anchor=False
    )
    names = ("first settings", "second settings")
    if len(effect.differing) == 1:
        (each,) = effect.differing
        names = (f"{each.label} {each.first}", f"{each.label} {each.second}")
    if effect.first.network != effect.second.network:
        names = (effect.first.network, effect.second.network)
    show_chart(
        seed_pairs(names, effect.seeds, [one for one, _ in known], [other for _, other in known], measure),
        f"chance-seeds-{measure}-{effect.first.id}-{effect.second.id}-{len(pairs)}",
        "; ".join(
            f"seed {seed}: from {accuracy_text(one)} to {accuracy_text(other)}"
            for seed, (one, other) in zip(effect.seeds, known, strict=True)
        ),
        "none",
    )


def _show_table(groups: Sequence[SeedGroup], names: Mapping[str, str]) -> None:
    st.table(
        {
            "settings": [in_markdown(names[group.id]) for group in groups],
            "seeds": [", ".join(map(str, group.by_seed)) for group in groups],
            "validation accuracy, mean (lowest to highest)": [_band(group.validation) for group in groups],
            "afterwards: test accuracy": [_band(group.test) for group in groups],
        },
        hide_index=True,
        height=_TABLE_PX if len(groups) > _MOST_ROWS else "content",
        alt="Mean accuracies of groups of seeds",
    )
    st.caption(
        "Finished runs alone, one a seed. In brackets the accuracies of the worst and of the best seed. Of each "
        "network those settings are named that differ among its groups."
    )


def _say_what_to_train(groups: Sequence[SeedGroup]) -> None:
    st.info(
        "What a setting did is judged over several random seeds: train the same settings with 3 seeds, change one "
        "setting, and train it with the same 3 seeds."
        if not groups
        else _what_is_missing(groups) + " Change one setting, and train both with the same 3 seeds.",
        icon=":material/casino:",
    )
    if st.button(
        "Sweep: try a setting with 3 seeds",
        type="primary",
        icon=":material/tune:",
        help="Trains all of them in one go.",
    ):
        st.switch_page("pages/sweep_settings.py")


def _what_is_missing(groups: Sequence[SeedGroup]) -> str:
    if len(groups) == 1:
        named = f"with {_seeds(groups[0])}: {in_markdown(groups[0].network)}"
        return f"There is one group, {named}. It has no other settings to be compared with."
    return "These settings have been trained with one random seed each."


def _band(band: Band | None) -> str:
    if band is None:
        return "none"
    return f"{accuracy_text(band.mean)} ({accuracy_text(band.lowest)} to {accuracy_text(band.highest)})"


def _seeds(group: SeedGroup) -> str:
    return "1 seed" if len(group.by_seed) == 1 else f"{len(group.by_seed)} seeds"
