"""Tells whether two searches were for the same, and not for what: a keyed hash of what was typed."""

import hashlib
import hmac
from typing import NamedTuple

from flask import current_app

from config.errors import SettingError
from portal import clock
from portal.pathway.searching import canonical
from portal.policy import current_policy


class SearchHash(NamedTuple):
    """A hash, and which key made it: hashes of two keys never agree."""

    key: str
    value: str


def search_hash(typed: str) -> SearchHash:
    """What the audit row of a search keeps beside what was found.

    Raises:
        SettingError: this process was given no key.
    """
    return search_hashes(typed)[0]


def search_hashes(typed: str) -> list[SearchHash]:
    """The hash by the present key and, after a change of it, by the former: to compare older rows with.

    Raises:
        SettingError: this process was given no key.
    """
    keys = [current_app.config[name] for name in ("SEARCH_HASH_KEY", "SEARCH_HASH_KEY_BEFORE")]
    if not keys[0]:
        raise SettingError("SEARCH_HASH_KEY is missing: searches cannot be put on record without it")
    said = canonical(typed, current_policy().names, clock.today())
    return [
        SearchHash(_hash(key, "which key this is")[:8], _hash(key, f"search {said}")) for key in keys if key
    ]


def _hash(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
