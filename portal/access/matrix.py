"""Who may do what, as a table for people: written from the permissions, so that it never falls behind."""

from collections.abc import Iterator
from dataclasses import fields
from uuid import UUID

from portal.access.permissions import PERMISSIONS, Facts, Permission, permitted
from portal.access.principal import Principal
from portal.vocabulary import Role, Sector

_EVERY_FACT = Facts(**{fact.name: True for fact in fields(Facts)})

YES, DEPENDS, NO = "yes", "depends", ""

NOTE = (
    "“Depends” means that the role alone does not settle it: who leads the case, whose agency wrote the"
    " record, who was told, or which sector somebody works in. Nobody can act on what they cannot see,"
    " whatever stands here."
)


def markdown() -> str:
    """The table in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    heads = ["permission", "what it is", *(role.label for role in Role)]
    yield _row(heads)
    yield _row(["---"] * len(heads))
    for name, permission in PERMISSIONS.items():
        yield _row([f"`{name}`", permission.sentence, *(answer(role, permission) for role in Role)])
    yield ""
    yield NOTE


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def answer(role: Role, permission: Permission) -> str:
    """Whether somebody with this role alone has the permission."""
    sectors = [Sector.HUB] if role is Role.COORDINATOR else [one for one in Sector if one is not Sector.HUB]
    people = [_somebody(role, sector) for sector in sectors]
    if all(permitted(person, permission.name) for person in people):
        return YES
    return DEPENDS if any(permitted(person, permission.name, _EVERY_FACT) for person in people) else NO


def _somebody(role: Role, sector: Sector) -> Principal:
    nobody = UUID(int=0)
    return Principal(
        session_id=nobody,
        user_id=nobody,
        name=role.label,
        agency_id=nobody,
        agency_name="",
        agency_code="",
        sector=sector,
        team_ids=frozenset(),
        roles=frozenset({role}),
    )
