"""Meetings: called, prepared, attended, held."""
