"""`python -m tests.races`: every race there is, printed as `name value` lines; a fault a line before them.

Every POST route against itself, from two tabs and pressed twice, and against every other POST route on the
same record (`NEAR=1`: only the next by name), held so that they meet (`PLAIN=1`: merely sent at once). Words
after the command choose the routes whose names begin so. Ends with status 1 when something went wrong.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from portal import create_app
from portal.extensions import db
from tests import database
from tests.access.typesetting import set_nothing
from tests.client import Client
from tests.races.course import near_neighbours, neighbours, run
from tests.races.racing import held, plainly
from tests.races.world import world_in


def main() -> int:
    """Run them all."""
    chosen = tuple(sys.argv[1:])
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as directory,
        database.running_server(Path(directory) / "database") as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        set_nothing(patch)
        app = create_app(database.configuration(server))
        app.test_client_class = Client
        owner = database.owner_engine(server)
        with app.app_context():
            engine = db.engine
        with world_in(app, owner) as world:
            tally = run(
                world,
                plainly if os.environ.get("PLAIN") else held(engine, owner),
                pairs=near_neighbours if os.environ.get("NEAR") else neighbours,
                only=lambda rule: not chosen or rule.endpoint.startswith(chosen),
                say=lambda line: print(line, flush=True),
            )
        engine.dispose()
        owner.dispose()
    print(f"races {tally.races}")
    print(f"pairs_apart {tally.apart}")
    print(f"raced_500 {tally.errors}")
    print(f"faults {len(tally.faults)}")
    print(f"seconds {time.monotonic() - began:.0f}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
