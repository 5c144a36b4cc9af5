"""What teams are asked about children: asking, answering, withdrawing, and the list for the week."""

from portal.blueprints.requests import answering, asking, changing, for_meeting, lists
from portal.blueprints.requests.blueprint import blueprint

__all__ = ["answering", "asking", "blueprint", "changing", "for_meeting", "lists"]
