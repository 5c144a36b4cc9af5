"""Commands for the first day of a partnership: its hub, its provider, its first administrators."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app, url_for
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from portal.access.sign_in import discovery
from portal.changes.errors import DomainError
from portal.commands.keys import KEYS, of_older_rules
from portal.commands.needed import needs
from portal.policy import current_policy
from portal.records.people import agencies, bootstrap
from portal.vocabulary import Role, Sector

found = AppGroup("found", help="Set up a partnership that nobody can sign in to yet.")


@found.command("agency")
@click.argument("code")
@click.argument("name")
@click.argument("sector", type=click.Choice([sector.value for sector in Sector]))
def agency(*, code: str, name: str, sector: str) -> None:
    """Add an agency, such as: flask found agency hub "Safeguarding hub" hub"""
    with _as_owner() as rows:
        bootstrap.found_agency(rows, code=code, name=name, sector=Sector(sector))


@found.command("provider")
@click.argument("code")
@click.argument("name")
@click.argument("issuer")
@click.option("--client-id", required=True, help="What the provider calls the portal.")
@click.option("--secret-name", hidden=True, help="As the portal names it; nothing else is taken.")
@click.option("--acr", multiple=True, help="A level that is accepted. Can be given several times.")
@click.option("--amr", multiple=True, help="A method that is required, such as mfa.")
def provider(
    *,
    code: str,
    name: str,
    issuer: str,
    client_id: str,
    secret_name: str | None,
    acr: tuple[str, ...],
    amr: tuple[str, ...],
) -> None:
    """Add the partnership's own identity provider."""
    own = discovery.secret_name(code)
    if secret_name not in {None, own}:
        raise click.ClickException(f"Its client secret is the setting {own}, and no other.")
    with _as_owner() as rows:
        bootstrap.found_provider(
            rows,
            code=code,
            name=name,
            issuer=issuer,
            client_id=client_id,
            required_acr=acr,
            required_amr=amr,
            allow_http=current_app.config["ALLOW_HTTP_PROVIDERS"],
        )
    click.echo(f"Its client secret is the setting {own}.")
    if not acr and not amr:
        click.echo("No second step is asked for: a password alone lets people in. Give --acr or --amr.")


@click.command()
@click.argument("agency")
@click.argument("name")
@click.argument("email")
@click.option("--role", "given", multiple=True, type=click.Choice([role.value for role in Role]))
@with_appcontext
def invite(*, agency: str, name: str, email: str, given: tuple[str, ...]) -> None:
    """Invite somebody, by default as administrator, and print the link to send them."""
    needs("PORTAL_ADDRESS")
    wanted = [Role(role) for role in given or (Role.ADMINISTRATOR,)]
    with _as_owner() as rows:
        token = bootstrap.invite(rows, agency_code=agency, name=name, email=email, given=wanted)
    with current_app.test_request_context():
        path = url_for("auth.invitation", token=token)
    click.echo(f"Send this link to {email}. It works once and lasts 14 days:")
    click.echo(f"{current_app.config['PORTAL_ADDRESS']}{path}")


@contextmanager
def _as_owner() -> Iterator[Session]:
    needs("DATABASE_OWNER_URL")
    engine = create_engine(current_app.config["DATABASE_OWNER_URL"], poolclass=NullPool)
    try:
        with Session(engine) as rows:
            yield rows
            rows.commit()
    except DomainError as refused:
        raise click.ClickException(refused.message) from refused
    finally:
        engine.dispose()


# Whether everybody who must be told can be, and every child be found: asked before a deployment opens.


@click.command()
@with_appcontext
def ready() -> None:
    """Say whom what is urgent would not reach, and whom a search would miss. Run it before the portal opens.

    Sealed cases that name no coordinator are counted: what comes in on them nobody at the hub reads.

    Ends with status 1 when there is anybody: an administrator names the desk, or the policy a number, and
    `name-keys` makes the keys of the search anew. Only the owner of the tables knows how they were made.
    """
    found = [f"{gap.whose} {gap.words}." for gap in agencies.gaps(current_policy())]
    found += _by_owner()
    for gap in found:
        click.echo(gap)
    if found:
        raise SystemExit(1)
    click.echo("Everybody who must be told has a desk, and somebody who answers at night.")


def _by_owner() -> Iterator[str]:
    """What only the owner of the tables knows: older keys of the search, and sealed cases without the hub."""
    address = current_app.config.get("DATABASE_OWNER_URL")
    if not address:
        click.echo("Without DATABASE_OWNER_URL nobody knows by which rules the keys of the search were made.")
        return
    engine = create_engine(address, poolclass=NullPool)
    with engine.connect() as connection:
        for kind in of_older_rules(connection):
            yield f"The keys of {KEYS[kind].called} were made by other rules than today’s: run name-keys."
        if sealed := connection.scalar(text("select count(*) from ctx.sealed_without_hub()")):
            yield f"Sealed cases that name no coordinator: {sealed}. Governance sees which by “Who looked”."
    engine.dispose()
