"""How long a web process waits for the database, and the database for a web process.

A person waits meanwhile, and gunicorn ends a process after 30 seconds. That a server hangs is noticed by the
connection itself (`portal/access/connections.py`); what is here is for a network that lost one side of it.
"""

from collections.abc import Mapping
from typing import Any

#: What a role could set for itself, so that each of its later connections failed or read something else.
#: Settings that a connection is opened with come before those of its role.
OWN_SETTINGS = {
    "row_security": "on",
    "search_path": "public",
    "client_encoding": "UTF8",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "default_transaction_isolation": r"read\ committed",
    "default_transaction_read_only": "off",
    "lock_timeout": "0",
    "idle_session_timeout": "0",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "gin_fuzzy_search_limit": "0",
}
_SERVER = OWN_SETTINGS | {
    "timezone": "UTC",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "40s",  # of a process that hangs: it lets go of what it locked
    "client_connection_check_interval": "5s",  # of a process that gave up while its statement ran
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


def options(settings: Mapping[str, str]) -> str:
    """Settings, as the parameter `options` of a connection has them."""
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def engine_options(connections: int) -> dict[str, Any]:
    """SQLAlchemy's options of a web process that keeps so many connections."""
    return {
        "pool_size": connections,
        "pool_timeout": 3,  # seconds
        "hide_parameters": True,  # what a statement was given would stand in the log of a fault
        "connect_args": {
            "prepare_threshold": 1,  # without, pages take half as long again; see Connection.empty
            "connect_timeout": 3,  # seconds, of each host that the address names
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,  # milliseconds
            "options": options(_SERVER),
        },
    }
