"""The second painter of `bcc.datasets.synthetic.two_painters`: specs on stdin, cells on stdout."""

from __future__ import annotations

import sys

import cv2

from bcc.datasets.synthetic.two_painters import paint_for_another

# The first painter has the other core.
cv2.setNumThreads(1)
sys.stdout.buffer.write(paint_for_another(sys.stdin.buffer.read()))
