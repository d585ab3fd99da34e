"""Run the benchmarks that are named, or all: `python -m bench convnext pages`."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "convnext",
    "augment",
    "explain",
    "metrics_page",
    "pages",
    "busy_pages",
    "soak",
    "quality",
    "labelling",
    "training",
    "gpu",
)


def main(names: list[str]) -> None:
    """Run each named benchmark's `main`."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        sys.exit(f"There is no benchmark '{unknown[0]}': choose from {', '.join(NAMES)}.")
    for name in names or NAMES:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
