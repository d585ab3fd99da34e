"""Fits of libraries that need not end at the optimum to the last digit."""

from __future__ import annotations

import warnings


def ignore_unconverged() -> None:
    """Keep scikit-learn from telling the shell that a fit stopped at its last step; call it before the fit.

    Nobody who scans images can act on that, and the answer hardly changes: every fit here is regularised
    and scaled, and 300 steps of L-BFGS are ten times what it usually takes. The filter is set for the whole
    process, since one that is taken back afterwards is not safe among threads.
    """
    from sklearn.exceptions import ConvergenceWarning

    warnings.filterwarnings("ignore", category=ConvergenceWarning)
