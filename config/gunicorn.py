"""How the web process runs: `gunicorn --config config/gunicorn.py wsgi:app`. Options overrule it."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the installed command does not look here by itself

from config import logs

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
