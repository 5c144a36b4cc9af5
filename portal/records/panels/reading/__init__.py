"""What pages and documents read."""
