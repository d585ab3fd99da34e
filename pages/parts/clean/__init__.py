"""The pieces of the Clean page: each tab is a module, `decisions` holds what was decided."""
