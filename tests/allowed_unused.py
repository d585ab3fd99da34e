"""What vulture finds no caller of, and why it is there all the same.

Not a test: `make lint` hands this file to vulture beside the code.
"""

# ruff: noqa: B018, F821
# mypy: ignore-errors

# Fields of specs: forms, recipes and configs reach them by name (`bcc/specs.py`).
spec.saturation
spec.azure_red, spec.azure_green, spec.azure_blue
spec.eosin_red, spec.eosin_green, spec.eosin_blue
spec.glass_red, spec.glass_green, spec.glass_blue
spec.horizontal, spec.vertical
spec.closer, spec.farther
spec.addition
spec.beta_1, spec.beta_2, spec.amsgrad, spec.nesterov
spec.model_config

# Written to files and shown as they are, field by field.
record.macro_f1, record.n_train, record.n_scored, record.final_split
record.log_loss_before, record.log_loss_after, record.error_before, record.error_after
record.picture_size, record.changed_in_line, record.duplicates_left_out, record.seen_by_first_weights
record.calibrated_on
record.millions
look.min_value, look.max_value

# Hooks that a library looks up by name.
figures.__getattr__
layer._compute_rectangle_fill, layer._random_generator, layer.built
tf_keras_vis.random_generator
keras.clear_session, free_memory
trace.showlegend

# For users of the package, and for tests that use it as they do.
directions.angle_to
laboratories.OPEN, seams.SEAM_COLUMNS
long_work.end_all
