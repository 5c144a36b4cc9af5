"""Commands about the audit trail."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import NullPool, create_engine

from portal.access.verification import Checkpoints, Report, verify
from portal.commands.needed import needs, worker_url

audit = AppGroup("audit", help="The audit trail.")


@audit.command("verify")
def verify_trail() -> None:
    """Say whether the audit trail is as it was sealed.

    Ends with status 0 when it is, 1 when something is not, and 2 when something could not be told.
    """
    report = _look()
    for kind, sentences in (
        ("NOT AS IT WAS", report.faults),
        ("Not checked", report.unchecked),
        ("Checked", report.checked),
        ("Note", report.notes),
    ):
        for sentence in sentences:
            click.echo(f"{kind}: {sentence}")
    click.echo(
        (
            "The audit trail is as it was sealed.",
            "The audit trail is not as it was.",
            "Not all could be checked.",
        )[report.status]
    )
    raise SystemExit(report.status)


@audit.command("accept")
@click.argument("reason")
def accept(reason: str) -> None:
    """Note on the checkpoints that what is wrong now was looked into.

    Such as: flask audit accept "Restored the backup of 3 May". From then on `audit verify` shows the reason,
    and reports only what is wrong beyond it.
    """
    notes = checkpoints()
    if notes is None:
        raise click.ClickException("AUDIT_CHECKPOINTS is missing: there is nowhere to note it.")
    report = _look()
    with create_engine(worker_url(), poolclass=NullPool).connect() as connection:
        notes.accept(connection, reason=reason, counts=report.counts, batches=report.broken)
    click.echo(f"Noted in {notes.path}.")


def checkpoints() -> Checkpoints | None:
    """The lines of this deployment; only the demonstration and tests may do without.

    Raises:
        ClickException: there is no key to sign them with.
    """
    path = current_app.config["AUDIT_CHECKPOINTS"]
    if not path:
        return None
    needs("AUDIT_CHECKPOINT_KEY")
    keys = (current_app.config[name] for name in ("AUDIT_CHECKPOINT_KEY", "AUDIT_CHECKPOINT_KEY_BEFORE"))
    return Checkpoints(Path(path), *keys)


def _look() -> Report:
    url, notes = worker_url(), checkpoints()
    # One picture of the trail: what is sealed meanwhile is none of it.
    engine = create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        return verify(connection, notes, tolerance=current_app.config["AUDIT_CLOCK_TOLERANCE"])
