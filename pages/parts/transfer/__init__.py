"""Parts of the Other laboratory page."""
