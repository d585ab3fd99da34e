"""Fields that only some optimisers have, a section each."""

from __future__ import annotations

from bcc.specs import Spec, option


class AdamOptions(Spec):
    """Adam, Nadam and AdamW (Kingma and Ba 2015; Dozat 2016; Loshchilov and Hutter 2019)."""

    beta_1: float = option(0.9, "Memory of the mean gradient.", ge=0, lt=1)
    beta_2: float = option(0.999, "Memory of its square.", ge=0, lt=1)
    epsilon: float = option(1e-7, "Keeps tiny gradients from making huge steps.", gt=0, le=1, log=True)
    amsgrad: bool = option(False, "Never forget the largest square (Reddi et al. 2018); Adam and AdamW only.")


class LionOptions(Spec):
    """Lion (Chen et al. 2023): only the sign of the mean gradient counts."""

    beta_1: float = option(0.9, "Weight of the memory in the step that is taken.", gt=0, lt=1)
    beta_2: float = option(0.99, "Memory of the mean gradient.", ge=0, lt=1)


class SgdOptions(Spec):
    """Stochastic gradient descent."""

    momentum: float = option(0.9, "Share of the last step that is taken again.", ge=0, lt=1)
    nesterov: bool = option(True, "Look ahead along the momentum first (Nesterov 1983).")
