"""District panels: proposals, papers, summaries, decisions."""
