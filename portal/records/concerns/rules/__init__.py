"""What needs no database: what is recorded of something, what tells it again, and its picture."""
