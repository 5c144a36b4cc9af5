"""What a meeting said and decided, how it is issued and corrected."""
