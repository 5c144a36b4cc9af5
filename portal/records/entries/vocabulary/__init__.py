"""Words that are stored."""
