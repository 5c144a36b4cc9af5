"""When somebody is away, and who covers their cases meanwhile."""
