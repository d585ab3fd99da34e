"""Metrics, "Confidence": reliability, calibration, and holding back unsure answers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from bcc.evaluation.calibration.reliability import abstaining, risk_coverage, threshold_for
from bcc.evaluation.calibration.temperature import Calibration, calibration_of
from bcc.evaluation.predictions.calibration_tables import calibration_tables
from bcc.evaluation.predictions.sample_predictions import SamplePredictions, of_split
from bcc.figures import reliability_diagram, risk_coverage_curves
from bcc.runs import Run
from pages.parts.text import formatting
from pages.parts.widgets import beside, downloads

_BEFORE_AND_AFTER: dict[str, Any] = {
    "uncalibrated": st.column_config.NumberColumn(
        "Uncalibrated", width=92, format="%.4f", help="With the probabilities as the run gives them."
    ),
    "low": st.column_config.NumberColumn(
        "from", width=58, format="%.4f", help="Lower end of the 95 % interval, before calibration."
    ),
    "high": st.column_config.NumberColumn("to", width=58, format="%.4f", help="Upper end of the interval."),
    "calibrated": st.column_config.NumberColumn(
        "Calibrated", width=82, format="%.4f", help="At the fitted temperature."
    ),
}


def show(run: Run, predictions: SamplePredictions) -> None:
    """Draw the section."""
    calibration = calibration_of(run)
    adaptive = (
        st.segmented_control(
            "Groups",
            ["equal width", "equal count"],
            default="equal width",
            required=True,
            key="binning",
            help="Predictions grouped by confidence in equal steps, or in groups of equal size.",
        )
        == "equal count"
    )
    facts = calibration_tables(predictions, calibration, "equal_count" if adaptive else "equal_width")
    st.caption(
        calibration.sentence
        + (" It never changes the predicted class." if calibration.fitted else "")
        + " Vertical lines: 95% intervals of each group."
    )
    left, right = beside.two(475)
    with left:
        drawn = reliability_diagram(facts.reliability, facts.calibrated)
        st.plotly_chart(drawn, key="reliability", alt="Reliability diagram")
        shown = facts.reliability if facts.calibrated is None else facts.calibrated
        downloads.both(drawn, shown, "reliability")
    with right:
        st.caption("The gap between confidence and accuracy; lower is better")
        st.dataframe(
            facts.errors,
            hide_index=True,
            key="calibration_errors",
            height="content",
            alt="Calibration errors",
            column_config={
                "measure": st.column_config.TextColumn("Measure", width=205),
                **_BEFORE_AND_AFTER,
            },
        )
        downloads.table(facts.errors, "calibration_errors")
        st.caption("Per class: the calibration error of its probability over all images")
        st.dataframe(
            facts.per_class,
            hide_index=True,
            key="calibration_classes",
            height="content",
            alt="Calibration error of each class",
            column_config={
                "class": st.column_config.TextColumn("Class", width=205),
                **_BEFORE_AND_AFTER,
            },
        )
        downloads.table(facts.per_class, "calibration_of_classes")
    st.subheader("Reject uncertain predictions", anchor=False)
    _abstain(run, predictions, calibration)


@st.fragment
def _abstain(run: Run, predictions: SamplePredictions, calibration: Calibration) -> None:
    wanted = st.slider(
        "Target accuracy of the accepted predictions (%)",
        80.0, 100.0, 99.0, 0.1,
        format="%.1f",
        key="wanted",
        help="The threshold is chosen on the run's validation images and tried on the images shown here.",
    )  # fmt: skip
    chosen_on = of_split(run, "validation")
    told = calibration(predictions.probabilities)
    found = threshold_for(chosen_on.labels, calibration(chosen_on.probabilities), wanted / 100)
    reached = abstaining(predictions.labels, told, found.threshold) if found else None
    name = "calibrated" if calibration.fitted else "uncalibrated"
    if not len(chosen_on.rows):
        st.info("This run has no validation images to choose a threshold on.", icon=":material/info:")
    elif found is None or reached is None:
        st.info(
            "No threshold reaches that on the validation images: even the most confident predictions "
            "are wrong too often.",
            icon=":material/info:",
        )
    else:
        right = f"{reached.accuracy:.1%} of them are right" if reached.n else "none is accepted"
        st.markdown(
            f"Predictions with a confidence below **{reached.threshold:.1%}** ({name}) are held back. Here "
            f"**{reached.coverage:.1%}** of the images are accepted, and **{formatting.plain(right)}**; "
            f"on the "
            f"validation images it was {found.coverage:.1%} with {found.accuracy:.1%} right."
        )
        if predictions.split == "validation":
            st.caption("The threshold was chosen on these very images, so this is optimistic.")
    curve = risk_coverage(predictions.labels, told)
    marked = (reached.coverage, reached.accuracy) if reached is not None else None
    drawn = risk_coverage_curves({name: curve}, marked)
    st.plotly_chart(drawn, key="risk_coverage", alt="Accuracy of the accepted predictions against coverage")
    downloads.both(drawn, curve, "risk_coverage")
