"""Rows for tests, written as the owner of the tables."""
