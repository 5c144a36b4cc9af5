"""Finds what records say that the partnership's policy no longer knows, before people meet it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import NullPool, create_engine, text

from portal.commands.needed import needs
from portal.policy import Policy, current_policy


class Kept(NamedTuple):
    """Where records keep codes of a catalogue."""

    codes: str  # SQL that gives each code once
    file: str
    catalogue: Callable[[Policy], Any]


KEPT = (
    Kept("select distinct unnest(types) from cre_case", "exploitation", lambda p: p.exploitation.types),
    Kept("select distinct unnest(contexts) from cre_case", "exploitation", lambda p: p.exploitation.contexts),
    Kept("select distinct unnest(types) from referral", "exploitation", lambda p: p.exploitation.types),
    Kept("select distinct kind from referral where kind is not null", "referral", lambda p: p.referral.kinds),
    Kept("select distinct kind from alert", "cases", lambda p: p.cases.alerts),
    Kept("select distinct kind from chronology_entry", "cases", lambda p: p.cases.entry_kinds),
    Kept("select distinct kind from concern_order", "orders", lambda p: p.orders.types),
    Kept(
        "select distinct kind from linked_process", "linked_processes", lambda p: p.linked_processes.processes
    ),
    Kept(
        "select distinct grade from missing_episode where grade is not null",
        "missing",
        lambda p: p.missing.grades,
    ),
)


@click.command("policy-check")
@with_appcontext
def policy_check() -> None:
    """Say which codes records hold that policy no longer has. Run it before a changed policy goes live.

    Ends with status 1 when there are any: put each back, with `retired = true`, so that no form offers it.
    """
    needs("DATABASE_OWNER_URL")
    engine = create_engine(current_app.config["DATABASE_OWNER_URL"], poolclass=NullPool)
    gone = set()
    with engine.connect() as connection:
        for kept in KEPT:
            known = kept.catalogue(current_policy())
            codes = connection.scalars(text(kept.codes))
            gone |= {(kept.file, code) for code in codes if code not in known}
    engine.dispose()
    for file, code in sorted(gone):
        click.echo(f"{file}.toml: records hold “{code}”, and it has none. Put it back: retired = true.")
    if gone:
        raise SystemExit(1)
    click.echo("Policy knows every code that records hold.")
