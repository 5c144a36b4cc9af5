"""Orders and notices on people and places of concern: the list, the page of one, and what happens to it."""

from portal.blueprints.orders import keeping, recording, show
from portal.blueprints.orders.blueprint import blueprint

__all__ = ["blueprint", "keeping", "recording", "show"]
