"""The search for children, cases, places and people."""
