"""From a config to a run: data, model, loop, predictions, metrics.

Importing this package does not import tensorflow.
"""

from bcc.training.assemble import assemble, changed, read_config
from bcc.training.config import DataOptions, TrainConfig
from bcc.training.flat_fields import PHASES
from bcc.training.presets import preset_names, read_preset

__all__ = [
    "PHASES",
    "DataOptions",
    "TrainConfig",
    "assemble",
    "changed",
    "preset_names",
    "read_config",
    "read_preset",
]
