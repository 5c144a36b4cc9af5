"""The hub's work on a form: its queue, matching, and what is decided."""
