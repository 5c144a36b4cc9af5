"""Sends many messages while everything fails, and counts what was lost and what came twice."""
