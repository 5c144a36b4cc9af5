"""Workspaces, and what a team was told."""
