"""Files on records: adding them, opening them, and withdrawing them."""

from portal.blueprints.attachments import adding, opening
from portal.blueprints.attachments.blueprint import blueprint

__all__ = ["adding", "blueprint", "opening"]
