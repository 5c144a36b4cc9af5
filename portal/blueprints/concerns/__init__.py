"""Places, people, vehicles, phones, accounts and groups of concern, and the network around them."""

from portal.blueprints.concerns import changing, linking, recording, show
from portal.blueprints.concerns.blueprint import blueprint

__all__ = ["blueprint", "changing", "linking", "recording", "show"]
