"""What teams are asked about children: asking, answering, withdrawing, and the list for the week."""

from portal.blueprints.requests import answering, asking, lists
from portal.blueprints.requests.blueprint import blueprint

__all__ = ["answering", "asking", "blueprint", "lists"]
