"""Orders and notices on what is of concern: in force, served, breached, ended."""
