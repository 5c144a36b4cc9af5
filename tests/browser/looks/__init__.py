"""How the pages look: accessible, and no higher than they may be."""
