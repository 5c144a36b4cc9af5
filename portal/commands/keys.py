"""The keys by which children and things of concern are found: by which rules they are made, and anew."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection, Engine, NullPool, create_engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access import principal
from portal.commands.needed import needs
from portal.pathway import names
from portal.policy import Policy, current_policy
from portal.records.children.model import Child, SearchKeyRules
from portal.records.children.recording import renew_name_keys
from portal.records.concerns.model import Concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.records import renew_concern_keys
from portal.records.concerns.rules import rules_of_keys

AT_ONCE = 500  # records; each batch is a transaction, and running it again goes over all of them


@dataclass(frozen=True)
class Keys:
    """The keys of one kind of record.

    Attributes:
        called: what people call the records.
        rules: what tells today's rules from others.
        renew: makes those of a batch anew; how many changed, and where the next batch begins.
    """

    called: str
    rules: Callable[[Policy], str]
    renew: Callable[[Session, UUID | None, int], tuple[int, UUID | None]]


KEYS: Mapping[str, Keys] = {
    Child.__tablename__: Keys("children", lambda policy: names.rules_of_keys(policy.names), renew_name_keys),
    Concern.__tablename__: Keys(
        "places, people and things of concern",
        lambda policy: rules_of_keys(policy.of(Concerns).fields, names.rules_of_keys(policy.names)),
        renew_concern_keys,
    ),
}


def of_older_rules(connection: Connection) -> Iterator[str]:
    """The kinds of record whose keys were made by other rules than today's.

    Args:
        connection: of portal_owner.
    """
    made_by = dict(connection.execute(select(SearchKeyRules.kind, SearchKeyRules.rules)).all())
    policy = current_policy()
    yield from (kind for kind, keys in KEYS.items() if made_by.get(kind) != keys.rules(policy))


def renew(engine: Engine, kind: str) -> int:
    """Make the keys of all records of a kind anew, and note by which rules; how many changed.

    Args:
        engine: of portal_owner. Each batch is a transaction: nobody waits for all of them.
    """
    keys = KEYS[kind]
    rules = keys.rules(current_policy())
    changed, after, more = 0, None, True
    while more:
        with Session(engine, info={principal.OWNERS: True}) as rows, rows.begin():
            some, after = keys.renew(rows, after, AT_ONCE)
        changed, more = changed + some, after is not None
    with Session(engine, info={principal.OWNERS: True}) as rows, rows.begin():
        rows.merge(SearchKeyRules(kind=kind, rules=rules, renewed_at=clock.now()))
    return changed


@click.command("name-keys")
@with_appcontext
def name_keys() -> None:
    """Make anew what children and things of concern are found by: run it after a change of names.toml.

    Prints how many of each changed.
    """
    needs("DATABASE_OWNER_URL")
    engine = create_engine(current_app.config["DATABASE_OWNER_URL"], poolclass=NullPool)
    for kind, keys in KEYS.items():
        click.echo(f"{renew(engine, kind)} {keys.called} are found by other keys now.")
    engine.dispose()
