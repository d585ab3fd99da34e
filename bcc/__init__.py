"""BCC: explore, train and explain blood-cell image classifiers.

Data flows down this list, and a package imports only from those above it: `datasets`, `cells`,
`quality`, `augment`, `models`, `runs`, `evaluation`, `training`, `jobs`, `explain`, `figures`, `cli`.
Nothing here imports streamlit; tensorflow is imported only inside the functions that need it.
"""

__version__ = "0.2.0"
