"""Breaks one rule of the database at a time, in place, and mends it again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Engine, bindparam, insert, select, text, update

from portal.access.install import CONTEXT_FUNCTIONS, rule_files, rules_of
from portal.access.predicates import expand
from portal.extensions import db
from tests.access.oracle.truth import DERIVED

#: One statement: up to a semicolon at the end of a line, the body of a function counting as one.
_STATEMENT = re.compile(r"^create\b(?:(?!^create\b|\$\$).|\$\$.*?\$\$)*?;$", re.DOTALL | re.MULTILINE)
_NAMED = re.compile(r"create (policy \w+ on \w+|function ctx\.\w+)")
_POLICY = re.compile(r"create policy (\w+) on (\w+)")
_FUNCTION = re.compile(r"create function ctx\.(\w+)")
#: What rows of reach are derived by.
_DERIVES = re.compile(
    r"function ctx\.(rescope_\w+|reseal_form|asked|told|invited|cases_holding|linked_records)$"
)
_OWED_TO = ("owner_id", "owner_team_id", "owner_agency_id", "owned_for_id")


@dataclass(frozen=True)
class Tooth:
    """A rule made weaker (or lost), and the tables in which somebody must notice."""

    name: str
    of: str  # the first words of the statement: `policy seen on child` or `function ctx.readers_of`
    old: str  # words of policies stand for what they write out
    new: str
    tables: tuple[str, ...]
    other: "Tooth | None" = None  # where a second statement asks for the same

    @property
    def sound(self) -> str:
        """The statement as it is written."""
        found = statements().get(self.of)
        if found is None:
            raise LookupError(f"no file of rules has “create {self.of}”: correct the list of teeth")
        return found

    @property
    def broken(self) -> str:
        """The statement with the rule broken."""
        sound = self.sound
        old, new = expand(self.old, self.of), expand(self.new, self.of)
        if sound.count(old) != 1:
            raise LookupError(f"“{old}” is {sound.count(old)} times in “{self.of}”: say more of it")
        return sound.replace(old, new)


@cache
def statements() -> dict[str, str]:
    """Every policy and function that the files of rules create, as it is written, by its first words."""
    found = {}
    for path in rule_files():
        for statement in _STATEMENT.findall(rules_of(path)):
            if named := _NAMED.match(statement):
                assert named[1] not in found, f"{named[1]} is created twice"
                found[named[1]] = statement
    return found


@contextmanager
def broken(owner: Engine, tooth: Tooth) -> Iterator[None]:
    """The database with one rule broken; afterwards as it was, with what triggers derived and
    the duties with whom they were (a seal hands them on).
    """
    with owner.begin() as connection:
        kept = _kept(connection) if _DERIVES.match(tooth.of) else {}
        _apply(connection, tooth.broken)
        if tooth.other:
            _apply(connection, tooth.other.broken)
        if kept:
            _derive_anew(connection)
    try:
        yield
    finally:
        with owner.begin() as connection:
            _apply(connection, tooth.sound)
            if tooth.other:
                _apply(connection, tooth.other.sound)
            if kept:
                _put_back(connection, kept)


def _apply(connection: Connection, statement: str) -> None:
    if policy := _POLICY.match(statement):
        connection.exec_driver_sql(f"drop policy {policy[1]} on {policy[2]}")
        connection.exec_driver_sql(statement.replace("%", "%%"))
    elif function := _FUNCTION.match(statement):
        keeper = "portal_ctx" if function[1] in CONTEXT_FUNCTIONS else "portal_scope"
        definer = "security definer" in statement.split("$$", maxsplit=1)[0]
        connection.exec_driver_sql(f"set local role {keeper if definer else 'portal_owner'}")
        replaced = statement.replace("create function", "create or replace function", 1)
        connection.exec_driver_sql(replaced.replace("%", "%%"))
        connection.exec_driver_sql("reset role")


def _derive_anew(connection: Connection) -> None:
    connection.execute(text("set local role portal_scope"))
    connection.execute(text("select ctx.scope_drift()"))
    connection.execute(text("reset role"))


def _kept(connection: Connection) -> dict[str, list[dict[str, object]]]:
    return {
        name: [dict(row) for row in connection.execute(select(db.metadata.tables[name])).mappings()]
        for name in (*DERIVED, "deadline")
    }


def _put_back(connection: Connection, kept: dict[str, list[dict[str, object]]]) -> None:
    for name in sorted(DERIVED, reverse=True):  # seals before notices, which they mark
        table = db.metadata.tables[name]
        connection.execute(table.delete())
        if kept[name]:
            connection.execute(insert(table), kept[name])
    _owed_as_before(connection, kept["deadline"])  # a seal that is put back hands duties on, too


def _owed_as_before(connection: Connection, kept: list[dict[str, object]]) -> None:
    deadline = db.metadata.tables["deadline"]
    identity = [column.name for column in deadline.primary_key]
    connection.exec_driver_sql("alter table deadline disable trigger user")
    connection.execute(
        update(deadline)
        .where(*(deadline.c[name] == bindparam(f"of_{name}") for name in identity))
        .values({name: bindparam(f"as_{name}") for name in _OWED_TO}),
        [
            {f"of_{name}": row[name] for name in identity} | {f"as_{name}": row[name] for name in _OWED_TO}
            for row in kept
        ],
    )
    connection.exec_driver_sql("alter table deadline enable trigger user")
