"""People, their teams, agencies and roles, and where they sign in."""
