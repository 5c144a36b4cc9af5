"""A missing episode: reporting it, putting it right, and what follows in it."""
