"""What can be chosen about a run, and how a config is put together. Never imports tensorflow."""
