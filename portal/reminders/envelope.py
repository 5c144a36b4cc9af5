"""What stands on the envelope: who sends, where failures return to, and how a returned one is recognised.

The return address holds the message's own token, signed, so that a delivery report that somebody made up
suspends nobody's address.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

_SIGNATURE = 16  # hexadecimal digits; with the message's own 32 the address stays below 64 characters
_TOKEN = re.compile(rf"([0-9a-f]{{32}})-([0-9a-f]{{{_SIGNATURE}}})", re.IGNORECASE)


@dataclass(frozen=True)
class Envelope:
    """The portal as a sender: the settings PORTAL_ADDRESS, MAIL_FROM, MAIL_RETURN and MAIL_ORGANISER.

    Args:
        before: secrets that signed messages whose reports may still come back.
    """

    portal: str
    service: str
    sender: str
    returns: str
    organiser: str
    secret: str
    before: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """The one of the settings."""
        return cls(
            portal=config["PORTAL_ADDRESS"],
            service=config["SERVICE_NAME"],
            sender=config["MAIL_FROM"],
            returns=config["MAIL_RETURN"],
            organiser=config["MAIL_ORGANISER"],
            secret=config["SECRET_KEY"],
            before=tuple(config.get("SECRET_KEY_FALLBACKS") or ()),
        )

    @property
    def domain(self) -> str:
        """The domain in which messages and calendar entries have their names."""
        return self.sender.partition("@")[2]

    def message_id(self, message: UUID) -> str:
        """The Message-ID, the same at every attempt."""
        return f"<{message}@{self.domain}>"

    def returns_for(self, message: UUID) -> str:
        """The envelope's sender of one message: `returns+token@…`."""
        mailbox, _, domain = self.returns.partition("@")
        return f"{mailbox}+{message.hex}-{_signature(self.secret, message)}@{domain}"

    def returned(self, addresses: Iterable[str]) -> UUID | None:
        """The message whose return address is among `addresses`, if we made it."""
        mailbox, _, domain = self.returns.lower().partition("@")
        for address in addresses:
            local, _, where = address.strip().lower().partition("@")
            found = _TOKEN.fullmatch(local.removeprefix(f"{mailbox}+"))
            if found and where == domain and local.startswith(f"{mailbox}+"):
                message = UUID(hex=found.group(1))
                if any(_signs(secret, message, found.group(2)) for secret in (self.secret, *self.before)):
                    return message
        return None


def _signature(secret: str, message: UUID) -> str:
    return hmac.new(secret.encode(), b"return" + message.bytes, "sha256").hexdigest()[:_SIGNATURE]


def _signs(secret: str, message: UUID, signature: str) -> bool:
    return hmac.compare_digest(signature, _signature(secret, message))
