"""A portal in use is upgraded: nothing is lost, and old and new processes serve side by side meanwhile."""
