"""What goes along with a run's model when it is taken elsewhere: facts from the run's directory."""

from __future__ import annotations

from bcc.errors import UserError
from bcc.evaluation.calibration.temperature import Calibration, calibration_of
from bcc.models.export_info import Usage
from bcc.runs import Run


def usage_of(run: Run, image_size: int) -> Usage:
    """Names of classes, preprocessing and temperature of a run.

    Args:
        run: which; one that was not scored yet has no temperature, and says so.
        image_size: side of the square that its model takes.

    Raises:
        UserError: the run does not know its data.
    """
    info = run.read_json(run.dataset)
    try:
        calibration = calibration_of(run)
    except UserError:
        calibration = Calibration()
    height, width = info["picture_size"]
    return Usage(
        run=run.id,
        class_names=run.class_names,
        preprocessing=str(info["preprocessing"]),
        image_shape=(int(height), int(width)),
        image_size=image_size,
        temperature=calibration.temperature,
        calibrated_on=calibration.n,
        dataset={"source": str(info["source"]), "fingerprint": str(info["fingerprint"])},
    )
