"""The form of a new sweep: what is varied, how often, and what that costs."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from model_lib.config.network import NetworkError
from model_lib.config.presets import PRESET_TABLE
from model_lib.config.setting import SettingsError
from model_lib.config.training import SETTINGS, learnt_images
from model_lib.number_format import percent
from model_lib.sweeps.cost import planned_seconds, training_workers
from model_lib.sweeps.driver import shared_driver
from model_lib.sweeps.factors import FACTORS, Factor, Value, parse_values
from model_lib.sweeps.plan import MOST_RUNS, MOST_SEEDS, SweepError, SweepPlan, Way, base_config, make_plan
from model_lib.sweeps.sweep import create_sweep
from ui.shared.jobs import Report, wait_for
from ui.shared.streamlit_workarounds import Container
from ui.shared.wording import as_written
from ui.sweep.results import speed_of
from ui.sweep.selection import select_sweep
from ui.sweep.wording import in_time, points_word

_WAYS: Final[dict[Way, str]] = {"grid": "All combinations (grid)", "random": "Random search"}
_NONE: Final = ""
_START_HELP: Final = "Each of its runs is a training as all others, and appears under All runs."
_WIDE: Final = 300
_NARROW: Final = 170
# With fewer a t-test hardly ever tells two values apart.
_FEWEST_SEEDS: Final = 3


def show_form() -> None:
    """Shows the form of a new sweep.

    The button that starts it, with what the sweep costs, stands between the usual choices and the further ones: there
    it is in view on a phone too.
    """
    usual, start, further = st.container(), st.container(), st.container()
    with start:
        _offer_start(_choose_plan(usual, further))


def _choose_plan(usual: Container, further: Container) -> SweepPlan | None:
    """Shows the choices. Returns the plan; None where it cannot be started, which is then said.

    Args:
        usual: where the network and the first setting stand.
        further: where everything else stands.
    """
    further.header("More choices", anchor=False)
    with usual, st.container(horizontal=True, vertical_alignment="bottom"):
        network = st.selectbox(
            "Network",
            list(PRESET_TABLE),
            format_func=lambda name: PRESET_TABLE[name].title,
            key="sweep_network",
            persist_state="session",
            width=_WIDE,
            help="Its layers and settings stay as they are, but for what is varied below.",
        )
        epochs = _number("Epochs", 2, 1, 50, "sweep_epochs", "How often each run looks at its images.")
        images = _number(
            "Training images",
            2000,
            100,
            60_000,
            "sweep_images",
            "Fewer are faster. A part of them is held out for validation: by these images the sweep chooses.",
            step=500,
        )
    values: dict[str, tuple[Value, ...]] = {}
    problems: list[SettingsError] = []
    for place, text in enumerate(("Vary", "Vary also")):
        with usual if place == 0 else further, st.container(horizontal=True, vertical_alignment="bottom"):
            factor = _choose_factor(text, place, set(values))
            if factor is None:
                continue
            try:
                values[factor.name] = _choose_values(factor)
            except SettingsError as error:
                problems.append(error)
    with further, st.container(horizontal=True, vertical_alignment="bottom"):
        seeds = _number(
            "Random seeds",
            3,
            1,
            MOST_SEEDS,
            "sweep_seeds",
            "How often each point is trained, each time with other first weights and another order of the images. With "
            "one seed nobody can say whether a difference is chance; three are the fewest for that.",
        )
        way: Way = st.segmented_control(
            "Which points",
            list(_WAYS),
            default="grid",
            required=True,
            format_func=_WAYS.__getitem__,
            key="sweep_way",
            persist_state="session",
            help="Grid: every value with every other one. Random search: points drawn between the lowest and the "
            "highest value, which finds more with the same number of runs where only one of two settings matters.",
        )
        draws = 10
        if way == "random":
            draws = _number("Points", 10, 2, MOST_RUNS, "sweep_draws", "How many points are drawn.")
        is_halving = st.checkbox(
            "Stop the worst early",
            key="sweep_halving",
            persist_state="session",
            width="content",
            help="Successive halving: after 1, 2, 4, 8 ... epochs a run goes on only if its validation accuracy is in "
            "the better half of those that have come so far. Saves time; what was stopped is not compared at the end.",
        )
    if problems:
        _say(problems[0])
        return None
    preset = PRESET_TABLE[network]
    config = base_config(preset.config, epochs, images)
    make = partial(make_plan, preset.spec, config, values, seeds, way, draws, is_halving)
    if way == "grid":
        made = _attempt(make)
    else:  # Optuna, which draws them, takes a moment to load
        key = ("sweep plan", network, epochs, images, tuple(values.items()), seeds, draws, is_halving)
        found = wait_for(key, lambda report: _attempt(make), "Drawing the points", slot="sweep_plan")
        if found is None:
            return None
        made = found
    if isinstance(made, SweepPlan):
        return made
    _say(made)
    return None


def _offer_start(plan: SweepPlan | None) -> None:
    """Shows the button that starts a sweep, and says what it costs."""
    is_clicked = st.button(
        "Start the sweep",
        type="primary",
        icon=":material/play_arrow:",
        key="start_sweep",
        disabled=plan is None,
        help=_START_HELP,
    )
    if plan is not None:
        st.markdown(_cost(plan))
    if not is_clicked or plan is None:
        return
    try:
        sweep = create_sweep(plan)
    except SweepError as error:
        st.error(str(error), icon=":material/error:")
        return
    shared_driver().wake()
    select_sweep(sweep)
    st.rerun()


def _cost(plan: SweepPlan) -> str:
    points, seeds = len(plan.points), len(plan.seeds)
    config = plan.config
    count = f"**{plan.runs} runs**: {points} {points_word(plan)} x {seeds} seed{'s' * (seeds > 1)}"
    speed = speed_of(plan.spec.name)
    if speed is None:
        time = "How long that takes is said when the first run has ended: this network has not been trained here yet."
    else:
        seconds = planned_seconds(plan, speed, training_workers())
        most = "at most " if plan.is_halving else ""
        earlier = f"{speed.runs} earlier run{'s' * (speed.runs > 1)}"
        time = f"**About {most}{in_time(seconds)}**, by the speed of {earlier} of this network."
    text = f"{count}. {time}"
    if plan.way == "grid" and seeds < _FEWEST_SEEDS:
        text += f" With {seeds} seed{'s' * (seeds > 1)} even a large difference may be chance: take 3 or more."
    if "training_images" not in plan.values:
        held_out = config.training_images - learnt_images(config)
        return f"{text} It chooses by {held_out:,} validation images."
    share = percent(config.validation_share, 0)
    return (
        f"{text} It chooses by the last {share} of each run's images, so that runs with few images are measured on few."
    )


def _choose_factor(text: str, place: int, taken: set[str]) -> Factor | None:
    names = [name for name in FACTORS if name not in taken]
    name = st.selectbox(
        text,
        names if place == 0 else [_NONE, *names],
        format_func=lambda name: FACTORS[name].label if name else "nothing else",
        key=f"sweep_factor_{place}",
        persist_state="session",
        width=_WIDE,
        help="The setting that takes several values."
        if place == 0
        else "A second setting: then each value of the one meets each value of the other.",
    )
    return FACTORS[name] if name else None


def _choose_values(factor: Factor) -> tuple[Value, ...]:
    key = f"sweep_values_{factor.name}"
    if factor.is_number:
        text = st.text_input(
            "Values, with commas between them",
            ", ".join(f"{value:g}" for value in factor.usual if not isinstance(value, str)),
            max_chars=200,
            key=key,
            persist_state="session",
            width=_WIDE,
            help=f"{factor.setting.help} {factor.setting.expectation.capitalize()}.",
        )
        return parse_values(factor, text)
    chosen = st.multiselect(
        "Values",
        list(factor.setting.choices),
        list(factor.usual),
        format_func=factor.words,
        key=key,
        persist_state="session",
        width=2 * _WIDE,
        help=factor.setting.help,
    )
    return tuple(chosen)


def _number(label: str, value: int, low: int, high: int, key: str, help: str, step: int = 1) -> int:
    return int(
        st.number_input(
            label,
            low,
            high,
            value,
            step,
            key=key,
            persist_state="session",
            help=help,
            width=_NARROW,
        )
    )


def _attempt(make: partial[SweepPlan], report: Report | None = None) -> SweepPlan | SettingsError | NetworkError:
    try:
        return make()
    except (SettingsError, NetworkError) as error:
        return error  # no fault of the app: shown as it is


def _say(error: SettingsError | NetworkError) -> None:
    text = str(error)
    for name, setting in SETTINGS.items():
        text = text.replace(f"`{name}`", f'"{setting.label}"')
    if isinstance(error.received, str) and error.received:  # anybody may have typed it; it stands at the end
        before, _, after = text.rpartition(error.received)
        text = before + as_written(error.received) + after
    st.error(text, icon=":material/error:")
