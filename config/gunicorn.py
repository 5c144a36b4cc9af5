"""How the web process runs: `gunicorn --config config/gunicorn.py wsgi:app`. Options overrule it."""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the installed command does not look here by itself

from config import logs, metrics

if not os.environ.get("DATABASE_SIGN_IN_URL", "").startswith("postgresql+psycopg://"):
    raise SystemExit(
        "DATABASE_SIGN_IN_URL is missing or not postgresql+psycopg://…: the address for role portal_sign_in,"
        " without which nobody signs in"
    )

bind = os.environ.get("BIND", "127.0.0.1:5000")
workers = int(os.environ.get("WEB_WORKERS", "2"))  # threads in one process worsen the slowest answers
timeout = 30  # seconds; longer than any statement may take (15), so that only a process that hangs is ended
preload_app = True  # a fault in the settings shows at once, and the workers share what was loaded
control_socket_disable = True  # it would be opened in the home folder of whoever runs us
accesslog = None  # what was looked at is on the audit trail, by the portal's own rules of what may be written
logconfig_dict = logs.configuration()

# What all of its processes count is told by the one that watches over them
_metrics = metrics.address(os.environ, metrics.WEB_PORT)
_shared = metrics.share() if _metrics else None  # before the application is loaded


def when_ready(_server: Any) -> None:
    """Tell metrics once requests are taken."""
    if _metrics:
        metrics.serve_shared(_metrics)


def child_exit(_server: Any, worker: Any) -> None:
    """What a process had open is no longer open when it has ended."""
    if _metrics:
        metrics.has_ended(worker.pid)


def on_exit(_server: Any) -> None:
    """Leave nothing behind."""
    if _shared:
        metrics.unshare(_shared)
