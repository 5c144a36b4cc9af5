"""Nothing that leaves names anybody: what tests seed is looked for in all that they send and log."""
