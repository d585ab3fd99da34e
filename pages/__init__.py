"""One screen a module; `pages.parts` holds the pieces they are made of."""
