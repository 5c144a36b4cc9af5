"""Runs the portal as a deployment does, breaks it under people who work in it, and counts what was lost."""
