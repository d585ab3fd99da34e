"""A painted cell on the way from one to another."""

from __future__ import annotations

from bcc.datasets.synthetic.spec import CellSpec


def between(one: CellSpec, other: CellSpec, share: float) -> CellSpec:
    """The cell that lies between two.

    Args:
        one, other: the ends.
        share: 0 is the first, 1 the second; every property goes in a straight line, counts in whole steps.

    Returns:
        With the first one's seed, so that granules and neighbours stay where they are.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError("share lies in 0..1")
    ends = {
        name: (getattr(one, name), getattr(other, name)) for name in CellSpec.model_fields if name != "seed"
    }
    values = {
        name: round(start + share * (end - start))
        if isinstance(start, int)
        else start + share * (end - start)
        for name, (start, end) in ends.items()
    }
    return CellSpec(seed=one.seed, **values)
