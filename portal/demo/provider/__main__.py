"""Run the demonstration identity providers: ``python -m portal.demo.provider DIRECTORY.json KEY_FOLDER``."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.serving import run_simple

from portal.demo.provider import Directory, create_provider

ARGUMENTS = 3


def main() -> int:
    """Serve until interrupted; refuses outside a demonstration."""
    if len(sys.argv) != ARGUMENTS:
        print(__doc__, file=sys.stderr)
        return 2
    directory = Directory.load(Path(sys.argv[1]))
    environment = os.environ.get("PORTAL_MODE", "production")
    app = create_provider(directory, environment=environment, key_folder=Path(sys.argv[2]))
    run_simple("127.0.0.1", urlsplit(directory.base_url).port or 80, app, threaded=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
