"""Certainty: whether the network's confidence can be believed, and what refusing the least certain images gains."""

from __future__ import annotations

import streamlit as st

from model_lib.evaluation.calibration import calibration_of, reject, rejection_curve
from model_lib.evaluation.evaluation import Evaluation
from model_lib.figures.calibration import rejection_curve_figure, reliability_diagram
from ui.shared.layout import side_by_side


def show_certainty(evaluation: Evaluation) -> None:
    """Shows the calibration diagram and the accuracy over the share of images that is refused."""
    believed, refused = side_by_side()
    with believed:
        calibration = calibration_of(evaluation)
        st.plotly_chart(
            reliability_diagram(calibration),
            width="stretch",
            key="calibration",
            alt="Accuracy in 15 bins of confidence, beside the dashed line of a network that is as good as it says",
            config={"displaylogo": False},
        )
        st.markdown(
            f"**Expected calibration error {calibration.error:.2%}**: so far apart are what the network says of itself "
            "and what is so, on average over all images. The numbers in the diagram count the images of each bar."
        )
        st.download_button(
            "Calibration as CSV",
            calibration.as_csv(),
            "calibration.csv",
            "text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="calibration_csv",
        )
    with refused:
        place = st.empty()
        percent = st.slider("It may refuse the least certain, per cent", 0.0, 20.0, 1.0, 0.1, key="refused_percent")
        chosen = reject(evaluation, percent / 100)
        place.plotly_chart(
            rejection_curve_figure(rejection_curve(evaluation), chosen),
            width="stretch",
            key="refusal",
            alt="Accuracy of the answers over the share of images that the network may refuse",
            config={"displaylogo": False},
        )
        st.markdown(
            f"If it may refuse the least certain {chosen.rate:.1%}, it is **{chosen.accuracy:.2%}** right: "
            f"{chosen.mistakes:,} mistakes are left of {int(evaluation.is_mistake.sum()):,}. "
            f"It then answers from a confidence of {chosen.threshold:.1%} on."
        )
