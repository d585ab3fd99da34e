"""Can a run be believed on cells from another laboratory?

    found = measure_transfer(run, dataset)
    found.accuracy, found.differences, found.sentences()

It is scored there beside its own test set, never mixed, and what differs between the images is measured.
`climb` then tries what brings it back, from matched colours to a new head from a few labels.
"""

from bcc.transfer.differences import Difference, differences, scale_factor
from bcc.transfer.home import home_profile
from bcc.transfer.ladder import Ladder, Rung, climb
from bcc.transfer.measure import Scores, Transfer, measure_transfer

__all__ = [
    "Difference",
    "Ladder",
    "Rung",
    "Scores",
    "Transfer",
    "climb",
    "differences",
    "home_profile",
    "measure_transfer",
    "scale_factor",
]
