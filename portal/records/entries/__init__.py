"""What agencies write on a case, what is cited from it, and what its handling allows."""
