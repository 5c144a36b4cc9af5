"""Intelligence reports: their 3x5x2 grading, conditions and release."""
