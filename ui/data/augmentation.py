"""One image twenty times, as the augmentation of a training makes it, with the settings of the page Train."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model_lib.config.training import SETTINGS, TrainingConfig
from model_lib.datasets.augmentation import RECIPES, Recipe, image_variants
from model_lib.datasets.loading import DIGIT_NAMES, TITLES
from model_lib.figures.array_image import ColourScale
from model_lib.figures.data.variants import describe_variants, variants_figure
from model_lib.figures.style import INK
from model_lib.figures.tile_grid import TileGrid, tile_grid_figure
from model_lib.predictions import PredictionError, load_pretrained, predict
from ui.data.selection import Shown
from ui.shared.charts import show_chart
from ui.shared.hand_over.training_settings import hand_over_settings
from ui.shared.visit import mirrored, state_of

_VARIANTS: Final = 20
_CONTROLS_PX: Final = 310
_ORIGINAL_PX: Final = 140
_HANDED_OVER: Final = (
    "dataset", "augmentation", "augmentation_strength", "allographs", "broken_strokes", "tremor_px",
)  # fmt: skip
_SHARES: Final = tuple(round(0.1 * tenth, 1) for tenth in range(11))


@dataclass
class _Chosen:
    """The settings that the visitor looks at, and which twenty variants.

    Args:
        settings: by name, those that were changed; see `TrainingConfig`.
        seed: of the random numbers.
    """

    settings: dict[str, Any] = dataclasses.field(default_factory=dict)
    seed: int = 1


def show_variants(shown: Shown, index: int) -> None:
    """Shows the settings of the augmentation, the image as it is, and twenty variants of it."""
    image, label = shown.split.images[index], int(shown.split.labels[index])
    is_digit = shown.class_names == DIGIT_NAMES
    row = st.container(horizontal=True, gap="large")
    # The pictures first, so that on a phone they stand right above the settings that change them.
    pictures = row.container()
    with row.container(width=_CONTROLS_PX):
        config = _choose_settings(shown, is_digit)
        seed = state_of(_Chosen).seed
        st.button("Twenty others", icon=":material/shuffle:", key="data-other-variants", on_click=_show_others)
        st.caption(f"Random seed {seed}: the same seed and settings give the same twenty.")
        if st.button("Train with this augmentation", icon=":material/play_circle:", key="data-train-augmented"):
            hand_over_settings({name: getattr(config, name) for name in _HANDED_OVER})
            st.switch_page("pages/train.py")
    variants = _variants(image, label, config.recipe, seed)
    predictions = _predictions(image, variants) if is_digit else None
    before = None if predictions is None else int(predictions[0])
    after = None if predictions is None else predictions[1:].tolist()
    with pictures:
        with st.container(horizontal=True):
            _show_original(shown, index, before)
            show_chart(
                variants_figure(variants, after, before),
                f"data-variants-{shown.stamp}-{index}-{hash(config.recipe)}-{seed}",
                describe_variants(variants, after, before),
            )
        if after is not None:
            others = sum(each != before for each in after)
            st.caption(
                f"Above each, the prediction of the ready-made network: {others} of {_VARIANTS} differ from that of "
                "the image as it is (marked ✗)."
            )
    st.caption(
        "Augmentation: in every epoch each training image is changed anew by random numbers like these, so that the "
        "network hardly meets the same pixels twice. Validation and test images are never changed in a training."
    )


def _show_original(shown: Shown, index: int, prediction: int | None) -> None:
    caption = "" if prediction is None else str(prediction)
    image = shown.split.images[index][np.newaxis]
    show_chart(
        tile_grid_figure(
            TileGrid(image, [caption], "As it is", columns=1, width_px=_ORIGINAL_PX), ColourScale(INK, 0.0, 255.0)
        ),
        f"data-original-{shown.stamp}-{index}",
        f"{shown.kind} {index} as it is, label {shown.class_names[shown.split.labels[index]]}"
        + (f", predicted as {prediction}" if caption else ""),
        "none",  # its tool bar would not fit
    )


def _choose_settings(shown: Shown, is_digit: bool) -> TrainingConfig:
    """Shows the controls of the augmentation and returns the settings; all others are the usual ones."""
    chosen = state_of(_Chosen).settings
    config = TrainingConfig(
        dataset=shown.choice.name if shown.choice.name in TITLES else TrainingConfig().dataset,
        **({"augmentation": "handwriting" if is_digit else "gentle"} | chosen),
    )

    def change(name: str, value: Any, factor: int = 1) -> None:
        chosen[name] = value if factor == 1 else value / factor

    augmentation = SETTINGS["augmentation"]
    mirrored(
        st.selectbox,
        augmentation.label,
        list(augmentation.choices),
        key="data-augmentation",
        value=config.augmentation,
        on_change=partial(change, "augmentation"),
        help=augmentation.help,
    )
    st.caption(RECIPES[config.augmentation].explanation)
    for name in ("augmentation_strength", "broken_strokes", "tremor_px"):
        setting = SETTINGS[name]
        if not setting.used_if(config):
            continue
        assert setting.range is not None
        factor = 100 if setting.is_share else 1
        mirrored(
            st.slider,
            setting.label,
            setting.range[0] * factor,
            setting.range[1] * factor,
            key=f"data-{name}",
            value=float(getattr(config, name) * factor),
            on_change=partial(change, name, factor=factor),
            step=float(setting.step),
            format="%g",
            help=setting.help,
        )
    allographs = SETTINGS["allographs"]
    if allographs.used_if(config):
        mirrored(
            st.select_slider,
            allographs.label,
            (None, *_SHARES),
            key="data-allographs",
            value=config.allographs,
            on_change=partial(change, "allographs"),
            format_func=lambda share: str(allographs.placeholder) if share is None else f"{100 * share:g}",
            help=allographs.help,
        )
    return config


def _show_others() -> None:
    state_of(_Chosen).seed += 1


@st.cache_data(max_entries=256, show_spinner=False)
def _variants(image: NDArray[np.uint8], label: int, recipe: Recipe, seed: int) -> NDArray[np.uint8]:
    return image_variants(image, label, recipe, seed, _VARIANTS)


@st.cache_data(max_entries=256, show_spinner="The ready-made network predicts")
def _predictions(image: NDArray[np.uint8], variants: NDArray[np.uint8]) -> NDArray[np.int64] | None:
    """Returns what the ready-made network predicts of the image and of each variant; None if it is damaged."""
    try:
        probabilities = predict(load_pretrained(), np.concatenate([image[np.newaxis], variants]))
    except PredictionError:
        return None  # said where that network is chosen
    predictions: NDArray[np.int64] = probabilities.argmax(axis=1)
    return predictions
