"""The frame around every page: look, navigation and sidebar."""
