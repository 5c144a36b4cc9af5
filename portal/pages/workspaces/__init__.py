"""The home of a person: one page for every sector."""
