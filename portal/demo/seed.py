"""Migrates the database and fills an empty one with the demonstration: `python -m portal.demo.seed FILE`.

Run at every start of the demo. What is there already is kept; only the addresses of the local identity
providers, which depend on the ports that are free today, are brought up to date.
"""

import os
import sys
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from portal import create_app
from portal.access import context
from portal.demo import content, partnership, settled
from portal.records.cases.model import Case
from portal.records.people.model import Agency


def load(rows: Session, app: Flask) -> None:
    """Write what is missing: the partnership as the owner of the tables, its work as its people.

    Each of the two is one transaction, and so is what became of the messages that the work caused. A run that
    was stopped between them goes on with the next.
    """
    if rows.scalars(select(Agency).limit(1)).first() is None:
        partnership.load(rows)
    partnership.point_at_providers(rows)
    if rows.scalars(select(Case).limit(1)).first() is None:
        content.load(app)
    settled.settle(rows)
    # What the database knew of the tables is from before they were filled, and its plans follow that.
    rows.execute(text("analyze"))
    rows.commit()


def main(providers: Path) -> None:
    """Migrate, load what is missing, and tell the local providers in their file who their people are."""
    app = create_app()
    with app.app_context():
        upgrade()
    engine = create_engine(os.environ["DATABASE_OWNER_URL"])
    with Session(engine, info={context.OWNERS: True}) as rows:
        load(rows, app)
    engine.dispose()
    partnership.write_directory(providers, app)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
