"""One run, wherever it is shown: its progress, what can be done with it, how it is started."""
