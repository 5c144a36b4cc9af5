"""After a change of policy: what records hold that it no longer knows, and what is found by older rules."""

from collections.abc import Iterator, Mapping

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import NullPool, create_engine, text

from portal.commands.keys import KEYS, of_older_rules
from portal.commands.needed import needs
from portal.policy import current_policy
from portal.policy.sections import Kept, sections_of_nouns

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
    """Say which codes records hold that policy no longer has, and what is found by keys of older rules.

    Run it before a changed policy goes live. Ends with status 1 when there are any: put each code back, with
    `retired = true`, so that no form offers it; and make the keys anew with `name-keys`.
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
        outdated = [KEYS[kind].called for kind in of_older_rules(connection)]
    engine.dispose()
    for file, code in sorted(gone):
        click.echo(f"{file}.toml: records hold “{code}”, and it has none. Put it back: retired = true.")
    for called in outdated:
        click.echo(f"The search finds {called} by keys of older rules. Run: flask --app wsgi name-keys")
    if gone or outdated:
        raise SystemExit(1)
    click.echo("Policy knows every code that records hold, and the search finds by its rules.")
