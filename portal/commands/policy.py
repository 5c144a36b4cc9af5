"""After a change of policy: what records hold that it no longer knows, and what is found by older rules."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import NullPool, create_engine, make_url, select, text

from portal.access.certificates import Place, bundle
from portal.access.connections import AWAY
from portal.commands.keys import KEYS, of_older_rules
from portal.commands.needed import needs
from portal.extensions import db
from portal.policy import current_policy
from portal.policy.sections import Kept, sections_of_nouns
from portal.records.people.model import IdentityProvider

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


@click.command()
@click.option("--days", default=30, show_default=True, help="Warn so many days before one expires.")
@with_appcontext
def certificates(days: int) -> None:
    """Look at every certificate that the portal relies on, once a day.

    Ends with status 1 when one is not good, expires soon, or could not be looked at.
    """
    places = [*_databases(current_app.config), *_mail(current_app.config)]
    try:
        places += _providers()
    except AWAY:
        click.echo("WARNING: The database was not reached, so providers were not looked at.")
        places.append(Place(what="the portal's records", host="", port=0, setting="DATABASE_URL"))
    failed = False
    for place in places:
        if not place.host:
            failed = True
            continue
        well, sentence = place.look(days=days)
        failed = failed or not well
        click.echo(sentence if well else f"WARNING: {sentence}")
    raise SystemExit(int(failed))


def _databases(config: Mapping[str, Any]) -> Iterator[Place]:
    """Each host of the addresses that are set, unless it is a socket of this machine."""
    found, not_set = {}, config.get("NOT_SET", frozenset())
    for name in ("SQLALCHEMY_DATABASE_URI", "DATABASE_WORKER_URL", "DATABASE_OWNER_URL"):
        url = make_url(config[name]) if config.get(name) else None
        if url is None or (name.endswith("_URI") and "DATABASE_URL" in not_set):
            continue
        hosts = url.host or str(url.query.get("host", ""))
        ca = str(url.query.get("sslrootcert", "")) or None
        for host in hosts.split(","):
            if host and not host.startswith("/"):
                found[host] = Place(
                    what="the database",
                    host=host,
                    port=url.port or int(str(url.query.get("port", 5432))),
                    setting="sslrootcert in DATABASE_URL",
                    speaks="postgresql",
                    ca=None if ca == "system" else ca,
                )
    yield from found.values()


def _mail(config: Mapping[str, Any]) -> Iterator[Place]:
    if config["SMTP_HOST"] and config["SMTP_SECURITY"] != "none":
        yield Place(
            what="the mail server",
            host=config["SMTP_HOST"],
            port=config["SMTP_PORT"],
            setting="SMTP_CA",
            speaks=config["SMTP_SECURITY"],
            ca=config["SMTP_CA"],
        )
    returned = urlsplit(config["RETURN_MAILBOX"])
    if returned.scheme == "imaps":
        yield Place(
            what="the return mailbox",
            host=returned.hostname or "",
            port=returned.port or 993,
            setting="SMTP_CA",
            ca=config["SMTP_CA"],
        )


def _providers() -> Iterator[Place]:
    """Those that are switched on and speak TLS."""
    file = bundle()
    for issuer in db.session.scalars(select(IdentityProvider.issuer).where(IdentityProvider.active)):
        address = urlsplit(issuer)
        if address.scheme == "https":
            yield Place(
                what="an identity provider",
                host=address.hostname or "",
                port=address.port or 443,
                setting="SSL_CERT_FILE",
                ca=file if isinstance(file, str) else None,
            )
