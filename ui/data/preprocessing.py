"""What preprocessing makes of the chosen image, step by step, with the range of its numbers after each."""

from __future__ import annotations

from typing import Final

import streamlit as st

from model_lib.datasets.browsing import pixel_mean_and_deviation
from model_lib.datasets.loading import Split
from model_lib.drawing.image_steps import PreprocessedImage, Step, preprocess_image
from model_lib.drawing.pixels import upscale
from ui.data.overview import statistics
from ui.data.selection import Shown, has_parts
from ui.shared.loaders import dataset

_PICTURE_PX: Final = 168
_TITLES: Final[dict[Step, str]] = {
    "file": "As in the file",
    "scaled": "Divided by 255",
    "framed": "Framed like MNIST",
    "standardised": "Standardised",
}


def show_preprocessing(shown: Shown, index: int) -> None:
    """Shows the image and its numbers after each step, and which of the steps the networks of this app take."""
    found = statistics(*_training_images(shown))
    if found is None:
        return
    _, _, counts = found
    mean, deviation = pixel_mean_and_deviation(counts)
    if not deviation:
        st.info("All pixels of these images are the same: there is nothing to standardise.", icon=":material/info:")
        return
    steps = preprocess_image(shown.split.images[index], mean, deviation)
    row, column = shown.choice.pixel
    whose = "All training images" if has_parts(shown.choice.name) else f"All {shown.kind}s"
    with st.container(horizontal=True):
        for step in steps:
            with st.container(width=_PICTURE_PX):
                low, high = step.range
                title = _TITLES[step.step]
                picture = upscale((step.numbers.astype(float) - low) / ((high - low) or 1.0), _PICTURE_PX)
                alt = f"{title}: {shown.kind} {index}, numbers from {_written(step, low)} to {_written(step, high)}"
                st.image(picture, width=_PICTURE_PX, alt=alt)
                st.markdown(
                    f"**{title}**  \n{_written(step, low)} to {_written(step, high)}  \n"
                    f"`x[{row}, {column}]` is `{_written(step, float(step.numbers[row, column]))}`"
                )
    st.caption(
        "Each picture from its lowest number, black, to its highest, white: dividing and standardising change the "
        "numbers and leave the picture as it is."
    )
    st.markdown(
        "- Divided by 255: `x / 255`, float32. All networks of this app are given these numbers, 0 to 1.\n"
        f"{_framing_in_words(steps)}"
        f"- Standardised: `(x / 255 - {mean:.4f}) / {deviation:.4f}`. {whose} together then have mean 0 and standard "
        "deviation 1. Many programs do so; here the layer BatchNormalization does it within the network, with the mean "
        "and variance of each batch."
    )


def _training_images(shown: Shown) -> tuple[str, Split]:
    """Returns the images whose mean and deviation count, for test images too, and what names them."""
    name = shown.choice.name
    if not has_parts(name):
        return shown.stamp, shown.split
    return f"{name}-train", dataset(name).train if shown.choice.part == "test" else shown.split


def _framing_in_words(steps: tuple[PreprocessedImage, ...]) -> str:
    """Says, as a line of a list, how far framing has moved the image; nothing of one without ink."""
    by_name = {step.step: step for step in steps}
    if "framed" not in by_name:
        return ""
    before, after = (by_name[name].centre_of_mass for name in ("scaled", "framed"))
    return (
        "- Framed like MNIST: cut out, scaled to 20 x 20 and centred by mass, as it is done to a drawing before a "
        f"network predicts it. The centre of mass was at row {before[0]:.1f}, column {before[1]:.1f}; it is now at "
        f"{after[0]:.1f}, {after[1]:.1f}: a shift by whole pixels leaves it between 14 and 15. MNIST's images and the "
        "pen digits in the file are framed already, so that little changes.\n"
    )


def _written(step: PreprocessedImage, number: float) -> str:
    return f"{number:.0f}" if step.step == "file" else f"{number:.2f}"
