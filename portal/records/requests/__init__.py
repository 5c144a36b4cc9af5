"""Requests for information, and what was answered."""
