"""Return interviews: owed, begun, held and shared."""
