"""Processes of other services beside a case: their clocks, who says how they go, and their pages."""
