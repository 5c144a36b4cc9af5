"""Where the signed lines about the audit trail are kept, and what searches are compared by."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from config.errors import SettingError
from config.mail import whole

SHORTEST_KEY = 32
#: Where the lines are unless a deployment says otherwise; docs/deploy/portal-worker.service may write there.
CHECKPOINTS = "/var/lib/cre-portal-checkpoints/audit.checkpoints"


def audit(env: Mapping[str, str], mode: str) -> dict[str, Any]:
    """Flask's configuration of the audit trail. Each key is its own: a new SECRET_KEY changes none of them.

    Raises:
        SettingError: names the setting and what it should be.
    """
    path, key = env.get("AUDIT_CHECKPOINTS"), env.get("AUDIT_CHECKPOINT_KEY", "")
    before = env.get("AUDIT_CHECKPOINT_KEY_BEFORE", "")
    if path and len(key) < SHORTEST_KEY:
        raise SettingError(
            f"AUDIT_CHECKPOINT_KEY needs at least {SHORTEST_KEY} characters where AUDIT_CHECKPOINTS is set"
        )
    searches, former = env.get("SEARCH_HASH_KEY", ""), env.get("SEARCH_HASH_KEY_BEFORE", "")
    for name, value in (
        ("AUDIT_CHECKPOINT_KEY", key),
        ("AUDIT_CHECKPOINT_KEY_BEFORE", before),
        ("SEARCH_HASH_KEY", searches),
        ("SEARCH_HASH_KEY_BEFORE", former),
    ):
        if value and len(value) < SHORTEST_KEY:
            raise SettingError(f"{name} needs at least {SHORTEST_KEY} characters")
    if mode == "production" and not searches:
        raise SettingError(f"SEARCH_HASH_KEY needs at least {SHORTEST_KEY} characters")
    minutes = whole("AUDIT_SEAL_MINUTES", env.get("AUDIT_SEAL_MINUTES", "10"))
    return {
        "AUDIT_CHECKPOINTS": path or (CHECKPOINTS if mode == "production" else None),
        "AUDIT_CHECKPOINT_KEY": key,
        "AUDIT_CHECKPOINT_KEY_BEFORE": before,
        "AUDIT_SEAL_LAG": timedelta(minutes=minutes),
        # The demonstration and the tests are told the time, and write months of it in seconds.
        "AUDIT_CLOCK_TOLERANCE": timedelta(minutes=5) if mode == "production" else None,
        "SEARCH_HASH_KEY": searches,
        "SEARCH_HASH_KEY_BEFORE": former,
    }
