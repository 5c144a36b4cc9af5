import os

from config import settings
from portal import create_app

# Flask says so to its commands: upgrading a database needs its address, and no secret of the web process.
_IS_COMMAND = os.environ.get("FLASK_RUN_FROM_CLI") == "true"

app = create_app(settings.for_command() if _IS_COMMAND else None)
