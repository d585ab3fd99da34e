"""The one error that is meant for a person.

Two kinds of things go wrong. Either the input is bad (a file, a value, a run directory): then a
`UserError` says so in one sentence that names the file or field, what was expected and what to do.
Or the program is wrong: then the exception rises as it is. Pages show the first as `st.error`, the
command line prints it and exits with status 2.
"""

from __future__ import annotations


class UserError(Exception):
    """Bad input, explained in one clear sentence."""
