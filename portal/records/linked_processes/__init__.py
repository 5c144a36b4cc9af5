"""Processes of other services, with the clocks that they bring."""
