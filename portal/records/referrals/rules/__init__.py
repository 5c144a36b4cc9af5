"""Rules that need neither web nor database."""
