"""What reads many nouns at once: homes, lists of what is due, chronologies, packs, the search."""
