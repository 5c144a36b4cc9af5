"""How large a file may be that is added to a record, and which scanner looks for viruses in it, if any."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from config.errors import SettingError
from config.mail import whole

_MEGABYTE = 1024 * 1024


def files(env: Mapping[str, str]) -> dict[str, Any]:
    """Flask's configuration of files.

    Raises:
        SettingError: names the setting and what it should be.
    """
    return {
        "ATTACHMENT_BYTES": whole("ATTACHMENT_MEGABYTES", env.get("ATTACHMENT_MEGABYTES", "10")) * _MEGABYTE,
        "CLAMAV_ADDRESS": _scanner(env.get("CLAMAV_ADDRESS", "")),
        "CLAMAV_TIMEOUT": whole("CLAMAV_TIMEOUT", env.get("CLAMAV_TIMEOUT", "10")),
    }


def _scanner(address: str) -> str:
    wrong = SettingError(
        f"CLAMAV_ADDRESS is {address!r}: use tcp://host:port or unix:/path, or leave it out to scan nothing"
    )
    if not address:
        return ""
    try:
        place = urlsplit(address)
        right = (place.scheme == "tcp" and place.hostname and place.port) or (
            place.scheme == "unix" and place.path.startswith("/")
        )
    except ValueError:
        raise wrong from None
    if not right:
        raise wrong
    return address
