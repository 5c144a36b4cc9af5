"""Measures pages and reminders against the budgets of the design, on a database of a county multiplied."""
