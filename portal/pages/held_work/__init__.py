"""What somebody has in hand, and how it goes to a colleague."""
