"""From a config to a run: data, model, loop, predictions, metrics.

Importing this package does not import tensorflow.
"""

from bcc.training.config.assemble import assemble, changed, read_config
from bcc.training.config.flat_fields import PHASES
from bcc.training.config.presets import preset_names, read_preset
from bcc.training.config.train_config import DataOptions, TrainConfig

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
