"""Packages that this release has given up, by their names, for an earlier one that still imports them."""
