"""Risk assessments: answers, conclusion, level, and the second person who agrees."""
