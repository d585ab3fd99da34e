"""State of a source at one time, to detect later whether it has changed since."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceMark:
    """What is known about a file or folder without reading its images.

    Attributes:
        stamp: a hash of its place, the sizes of its files, the times of their last change, and how it is
            read.
        fingerprint: of the images themselves, where they are in the cache; else empty.
    """

    stamp: str
    fingerprint: str = ""

    def change(self, now: SourceMark, source: str) -> str:
        """Describe in one sentence how a source has changed, empty where it has not.

        Args:
            now: the current state, with a fingerprint.
            source: what to call it.
        """
        # Files that were only touched, or copied over themselves, hold the same images.
        if self.stamp == now.stamp or (self.fingerprint and self.fingerprint == now.fingerprint):
            return ""
        if self.fingerprint:
            return f"'{source}' has changed since the run was put in line: it trains on what is there now."
        return (
            f"'{source}' was written to since the run was put in line, so that its images may be others: "
            "it trains on what is there now."
        )
