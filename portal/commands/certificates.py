"""Says which certificates are not good, or will not be for long: of database, identity providers and mail."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import make_url, select

from portal.access.certificates import Place, bundle
from portal.access.connections import AWAY
from portal.extensions import db
from portal.records.people.model import IdentityProvider


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
