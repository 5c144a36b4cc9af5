"""What the partnership decided, with its checks."""
