"""What a run writes down: state, history, log, TensorBoard events, and the scores at its end."""
