"""`make restore-test`: load the demonstration, dump it, restore it on a fresh server, and compare.

Ends with status 1, and says why, when anything is not as it was or a program is missing.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from portal import create_app
from portal.access import audit, principal, verification
from portal.access.verification import Checkpoints
from portal.demo import postgres, seed
from portal.extensions import db
from portal.records.people.model import User
from tests import database
from tests.factories.people import open_session
from tests.restore import portrait
from tests.restore.dumping import Missing, Place, add_backup_role, counted, dump, restore
from tests.structure.source import ROOT

#: Whose sight is compared: the hub, two agencies that work on cases, one that hardly does, and who sees none.
WATCHERS = ("Cora Inglewood", "Wanda Pennywhistle", "Nell Foxglove", "Ola Brackenbury", "Gwen Oakapple")
CHECKPOINT_KEY = "the key of the lines, which is another than the portal's"
ADDRESSES = {
    "PROVIDER_ADDRESS": "http://127.0.0.1:5100",
    "PORTAL_ADDRESS": "http://127.0.0.1:5000",
    "OIDC_SECRET_DEMO": "of the demonstration",
}


def main() -> int:
    """Run the whole of it. Returns the status for the shell."""
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            faults = _run(stack, folder)
    except (Missing, postgres.CannotStart) as missing:
        print(f"Cannot run: {missing}", file=sys.stderr)
        return 1
    for fault in faults:
        print(f"NOT AS BEFORE: {fault}", file=sys.stderr)
    print("The restored portal is the same." if not faults else f"{len(faults)} faults.")
    return 1 if faults else 0


def _run(stack: ExitStack, folder: Path) -> list[str]:
    print("Loading the demonstration", flush=True)
    server = stack.enter_context(database.running_server(folder / "before"))
    source = Place(server, database.NAME)
    tokens = _load(server)
    add_backup_role(source)
    notes = Checkpoints(folder / "audit-trail.txt", CHECKPOINT_KEY)
    _note(server, notes)

    dumped = folder / "portal.dump"
    done = dump(source, dumped)
    if done.returncode:
        return [f"pg_dump said: {done.stderr}"]
    print(f"Dumped {dumped.stat().st_size / 1e6:.1f} MB as a role with BYPASSRLS", flush=True)
    before = portrait.take(source, tokens)
    as_owner = _trap(source, folder / "by-owner.dump", sum(before.rows.values()))
    _go_on(server)  # this work is lost
    _note(server, notes)

    fresh = stack.enter_context(postgres.start(folder / "after", durable=False))
    fresh.create_database(database.NAME)
    target = Place(fresh, database.NAME)
    restore(dumped, target)
    after = portrait.take(target, tokens)
    _report(before, after, tokens)
    faults = portrait.differences(before, after)
    faults += [f"{table} is without forced row security" for table in after.unprotected]
    faults += _verified(target, notes.path)
    print(as_owner)
    return faults


def _load(server: postgres.Server) -> dict[str, str]:
    """The demonstration, with some of its people signed in, so that what they see can be compared."""
    with _environment(ADDRESSES):
        app = create_app(database.configuration(server))
        engine = database.owner_engine(server)
        with Session(engine, info={principal.OWNERS: True}) as rows:
            seed.load(rows, app)
            people = rows.scalars(select(User).where(User.name.in_(WATCHERS))).all()
            tokens = {person.name: open_session(rows, person.id) for person in people}
        engine.dispose()
        _seal(server)
        look = app.test_client()
        look.set_cookie(app.config["PORTAL_SESSION_COOKIE"], tokens[WATCHERS[0]])
        look.get("/cases")  # leaves rows that nobody has sealed when the dump is made
        with app.app_context():
            db.engine.dispose()
    return {**tokens, "somebody who is not signed in": ""}


def _seal(server: postgres.Server) -> None:
    engine = create_engine(server.url("portal_worker", database.NAME))
    with engine.begin() as connection:
        verification.seal(connection)
    engine.dispose()


def _note(server: postgres.Server, notes: Checkpoints) -> None:
    engine = create_engine(server.url("portal_worker", database.NAME))
    with engine.connect() as connection:
        notes.write(connection)
    engine.dispose()


def _go_on(server: postgres.Server) -> None:
    """What happens after the backup: rows of the audit trail that are sealed, and noted."""
    app = create_app(database.configuration(server))
    with app.app_context():
        audit.record("case:view")
        db.session.commit()
        db.engine.dispose()
    _seal(server)


def _report(before: portrait.Portrait, after: portrait.Portrait, tokens: dict[str, str]) -> None:
    rows = [sum(found.rows.values()) for found in (before, after)]
    print(f"{len(before.rows)} tables with {rows[0]:,} rows, {rows[1]:,} after")
    for what, lines in before.catalogue.items():
        print(f"{what}: {len(lines)}, {len(after.catalogue[what])} after")
    for who in tokens:
        reads = [found.seen[who]["child"].split()[0] for found in (before, after)]
        print(f"{who} reads {reads[0]} children, {reads[1]} after")


def _verified(target: Place, lines: Path) -> list[str]:
    """Whether sealing goes on in the restored database, and what `flask audit verify` says of it.

    The checkpoints are younger than the backup: it says so, until somebody accepts that.
    """
    url = target.server.url("portal_worker", target.database)
    engine = create_engine(url)
    environment = {
        **os.environ,
        "PORTAL_MODE": "test",
        "SECRET_KEY": "for tests only, and long enough to be one",
        "DATABASE_URL": target.server.url("portal_app", target.database),
        "DATABASE_WORKER_URL": url,
        "AUDIT_CHECKPOINTS": str(lines),
        "AUDIT_CHECKPOINT_KEY": CHECKPOINT_KEY,
    }

    def audit_command(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "audit", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment)
        said = (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]
        print(f"flask audit {arguments[0]}: {said} (status {done.returncode})", flush=True)
        return done

    faults = []
    restored = audit_command("verify")
    if restored.returncode != 1 or "The checkpoints say" not in restored.stdout:
        faults.append(f"what was lost since the backup is not said: {restored.stdout}{restored.stderr}")
    audit_command("accept", "restored from the backup of the exercise")
    with engine.begin() as connection:
        while verification.seal(connection):
            pass
    engine.dispose()
    accepted = audit_command("verify")
    if accepted.returncode:
        faults.append(f"flask audit verify: {accepted.stdout}{accepted.stderr}")
    with target.connect() as everything:
        left = everything.execute("select count(*) from audit_event where seal_number is null").fetchone()
    if left is None or left[0]:
        faults.append(f"{left} rows of the audit trail are never sealed")
    return faults


def _trap(source: Place, target: Path, rows: int) -> str:
    """What happens to who dumps as the tables' owner."""
    refused = dump(source, target, role="portal_owner")
    forced = dump(source, target, role="portal_owner", more=("--enable-row-security",))
    return (
        f"As portal_owner pg_dump ends with status {refused.returncode}; with --enable-row-security it ends "
        f"with status {forced.returncode} and holds {counted(target, source):,} of {rows:,} rows: silently "
        "fewer as soon as one policy differs. Back up as portal_backup."
    )


@contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    kept = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


if __name__ == "__main__":
    sys.exit(main())
