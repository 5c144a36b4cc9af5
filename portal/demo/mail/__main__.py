"""Keep and show the demonstration's mail: ``python -m portal.demo.mail FOLDER SMTP_PORT PAGE_PORT``."""

import os
import signal
import sys
from pathlib import Path

from werkzeug.serving import run_simple

from portal.demo.mail import Kept, create_mail_page, listening

ARGUMENTS = 4


def main() -> int:
    """Serve until interrupted; refuses outside a demonstration."""
    if len(sys.argv) != ARGUMENTS:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    kept = Kept(Path(sys.argv[1]))
    page = create_mail_page(kept, environment=os.environ.get("PORTAL_MODE", "production"))
    with listening(kept, port=int(sys.argv[2])):
        run_simple("127.0.0.1", int(sys.argv[3]), page, threaded=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
