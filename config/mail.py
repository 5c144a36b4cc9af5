"""How a deployment sends e-mail and hears what came back. Without SMTP_HOST messages wait."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from config.errors import SettingError

SECURITIES = ("starttls", "tls", "none")


def mail(env: Mapping[str, str], mode: str) -> dict[str, Any]:
    """Flask's configuration of e-mail.

    Raises:
        SettingError: names the setting and what it should be.
    """
    host = env.get("SMTP_HOST", "")
    security = env.get("SMTP_SECURITY", "starttls")
    if security not in SECURITIES:
        raise SettingError(f"SMTP_SECURITY is {security!r}: use one of {', '.join(SECURITIES)}")
    if security == "none" and mode == "production":
        raise SettingError("SMTP_SECURITY is 'none', which production refuses: use starttls or tls")
    sender = _mailbox("MAIL_FROM", env.get("MAIL_FROM", ""), needed=bool(host) and mode == "production")
    sender = sender or "cre-portal@localhost"
    return {
        "SMTP_HOST": host,
        "SMTP_PORT": whole("SMTP_PORT", env.get("SMTP_PORT", "465" if security == "tls" else "587")),
        "SMTP_SECURITY": security,
        "SMTP_USER": env.get("SMTP_USER", ""),
        "SMTP_PASSWORD": env.get("SMTP_PASSWORD", ""),
        "SMTP_CA": env.get("SMTP_CA"),
        "MAIL_FROM": sender,
        "MAIL_RETURN": _mailbox("MAIL_RETURN", env.get("MAIL_RETURN", "")) or sender,
        "MAIL_ORGANISER": _mailbox("MAIL_ORGANISER", env.get("MAIL_ORGANISER", "")) or sender,
        "MAIL_TIMEOUT": whole("MAIL_TIMEOUT", env.get("MAIL_TIMEOUT", "20")),
        "RETURN_MAILBOX": _returns(env.get("RETURN_MAILBOX", ""), mode),
        "RETURN_PASSWORD": env.get("RETURN_PASSWORD", ""),
    }


def _mailbox(name: str, value: str, *, needed: bool = False) -> str:
    """A bare address, such as portal@example.org, or nothing."""
    if not value and not needed:
        return ""
    local, at, domain = value.partition("@")
    if not (local and at and domain and value.isascii() and value.isprintable()) or set(value) & set(
        " <>,@"
    ) != {"@"}:
        raise SettingError(f"{name} is missing or not an address: give it bare, such as portal@example.org")
    return value


def _returns(address: str, mode: str) -> str:
    scheme = urlsplit(address).scheme
    allowed = {"", "imaps", "maildir"} | (set() if mode == "production" else {"imap"})
    if scheme not in allowed or (address and not scheme):
        raise SettingError("RETURN_MAILBOX cannot be read: use imaps://user@host/INBOX or maildir:/folder")
    return address


def whole(name: str, value: str) -> int:
    """A number that a setting holds.

    Raises:
        SettingError: it is none, or 0.
    """
    if not value.isdecimal() or int(value) == 0:
        raise SettingError(f"{name} is {value!r}: give a whole number above 0")
    return int(value)
