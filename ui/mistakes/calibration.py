"""Calibration: whether confidence agrees with accuracy, and the accuracy after rejecting uncertain predictions."""

from __future__ import annotations

import streamlit as st

from model_lib.evaluation.calibration import calibration_of, reject, rejection_curve
from model_lib.evaluation.evaluation import Evaluation
from model_lib.figures.calibration import rejection_curve_figure, reliability_diagram
from model_lib.figures.text.description import describe_calibration, describe_rejection
from model_lib.number_format import accuracy_text, percent, probability_text
from ui.mistakes.evaluations import code_of_shown
from ui.shared.charts import show_chart
from ui.shared.layout import side_by_side


def show_calibration(evaluation: Evaluation) -> None:
    """Shows the reliability diagram and the accuracy over the share of images that is rejected."""
    diagram, rejection = side_by_side("calibration")
    with diagram:
        calibration = calibration_of(evaluation)
        show_chart(
            reliability_diagram(calibration),
            "calibration",
            describe_calibration(calibration),
            "all",
            code=code_of_shown("mistakes/calibration"),
        )
        st.markdown(
            f"**Expected calibration error {percent(calibration.error, 2)}**: the difference between confidence and "
            "accuracy, on average over all images. The numbers in the diagram count the images of each bar."
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
    with rejection:
        place = st.container()
        rejected = st.slider(
            "Reject uncertain answers",
            0.0,
            20.0,
            1.0,
            0.1,
            format="%.1f %%",
            key="refused_percent",
            help="How many images are left to a person: those with the lowest confidence.",
        )
        chosen = reject(evaluation, rejected / 100)
        with place:
            curve = rejection_curve(evaluation)
            show_chart(
                rejection_curve_figure(curve, chosen),
                "refusal",
                describe_rejection(curve, chosen),
                "all",
                code=code_of_shown("mistakes/rejection", CHOSEN=round(rejected / 100, 3)),
            )
        st.markdown(
            f"With the least confident {percent(chosen.rate)} rejected, the accuracy on the others is "
            f"**{accuracy_text(chosen.accuracy)}**: {chosen.mistakes:,} mistakes are left of "
            f"{int(evaluation.is_mistake.sum()):,}. The lowest accepted confidence is "
            f"{probability_text(chosen.threshold)}."
        )
