"""Whom somebody has to tell themselves, because no message of the portal reaches them."""
