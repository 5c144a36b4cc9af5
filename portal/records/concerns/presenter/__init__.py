"""Rows in words, for pages."""
