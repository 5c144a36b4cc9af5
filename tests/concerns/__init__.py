"""Places, people and things of concern."""
