"""The information form: its draft, its answers, and what was sent to the hub."""
