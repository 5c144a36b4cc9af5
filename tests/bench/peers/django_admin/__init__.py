"""Django admin over the portal's cases, in an environment of its own (`requirements.lock` beside it)."""
