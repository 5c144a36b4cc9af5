"""Who looks after a place, and the directory of whom to ask."""
