"""Missing episodes in words, for pages."""
