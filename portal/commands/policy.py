"""After a change of policy: what records hold that it no longer knows, and what children are found by."""

from collections.abc import Iterator, Mapping

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from portal.access import context
from portal.commands.needed import needs
from portal.policy import current_policy
from portal.policy.sections import Kept, sections_of_nouns
from portal.records.children.recording import renew_name_keys

#: The codes of the policy's own files that records keep. What belongs to a noun stands in its `policy.py`.
_OWN: Mapping[str, tuple[Kept, ...]] = {
    "exploitation": (
        Kept("select distinct unnest(types) from cre_case", lambda exploitation: exploitation.types),
        Kept("select distinct unnest(contexts) from cre_case", lambda exploitation: exploitation.contexts),
        Kept("select distinct unnest(types) from referral", lambda exploitation: exploitation.types),
    ),
    "referral": (
        Kept("select distinct kind from referral where kind is not null", lambda referral: referral.kinds),
    ),
    "cases": (
        Kept("select distinct kind from alert", lambda cases: cases.alerts),
        Kept("select distinct kind from chronology_entry", lambda cases: cases.entry_kinds),
    ),
}


def kept_codes() -> Iterator[tuple[str, Kept]]:
    """Every place where records keep codes, with the name of the file that they are of."""
    of_nouns = {section.file: section.kept for section in sections_of_nouns()}
    for file, places in {**_OWN, **of_nouns}.items():
        yield from ((file, kept) for kept in places)


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
        sections = current_policy().sections()
        for file, kept in kept_codes():
            known = kept.catalogue(sections[file])
            codes = connection.scalars(text(kept.codes))
            gone |= {(file, code) for code in codes if code not in known}
    engine.dispose()
    for file, code in sorted(gone):
        click.echo(f"{file}.toml: records hold “{code}”, and it has none. Put it back: retired = true.")
    if gone:
        raise SystemExit(1)
    click.echo("Policy knows every code that records hold.")


AT_ONCE = 500  # children; each batch is a transaction, and running it again goes over all of them


@click.command("name-keys")
@with_appcontext
def name_keys() -> None:
    """Make the keys of every child anew: run it after a change of names.toml. Prints how many changed."""
    needs("DATABASE_OWNER_URL")
    engine = create_engine(current_app.config["DATABASE_OWNER_URL"], poolclass=NullPool)
    changed, after, more = 0, None, True
    while more:
        with Session(engine, info={context.OWNERS: True}) as rows, rows.begin():
            some, after = renew_name_keys(rows, after, AT_ONCE)
        changed, more = changed + some, after is not None
    engine.dispose()
    click.echo(f"{changed} children are found by other keys now.")
