"""The shape of ``concerns.toml``: what is recorded of places, people and things of concern."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Section
from portal.policy.validators import InDaysOrMonths, Term, exists
from portal.records.concerns.vocabulary import ConcernKind, FieldShape
from portal.vocabulary import StatementKind

if TYPE_CHECKING:
    from portal.policy.book import Policy


#: What something of a kind can tell of a child.
_TOLD = {ConcernKind.PLACE: StatementKind.ADDRESS, ConcernKind.PHONE: StatementKind.PHONE}


#: What a link says of where a child lives that is never to their home.
NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class ConcernField(Term):
    """Something that is recorded of some kinds; the code is the key under which a record keeps it."""

    kinds: tuple[ConcernKind, ...]
    shape: FieldShape


@dataclass(frozen=True, kw_only=True)
class LinkRole(Term):
    """How two ends of a link belong together.

    ``kinds`` are those that the role is offered for; ``to_child`` is for links to a child, the others are
    for links to another thing of concern. ``tells`` is what a link to a child says of them, the address of a
    place or the number of a phone: an alert may hold it back, like what an agency states. One that is
    ``never_home`` says that somebody has the child there: also at a home it is not where the child lives.
    """

    kinds: tuple[ConcernKind, ...]
    to_child: bool = True
    tells: StatementKind | None = None
    never_home: bool = False


@dataclass(frozen=True, kw_only=True)
class Risk(Term):
    """How dangerous something is; by one that is ``now`` children are being harmed, so news cannot wait."""

    now: bool = False


@dataclass(frozen=True, kw_only=True)
class Concerns:
    """``concerns.toml``"""

    review_within: InDaysOrMonths
    homes: tuple[str, ...]
    fields: Catalogue[ConcernField]
    roles: Catalogue[LinkRole]
    risks: Catalogue[Risk]
    police_statuses: Catalogue[Term]

    def harms_now(self, risk: str | None) -> bool:
        """Whether children are being harmed now, by how dangerous something is said to be."""
        known = self.risks.get(risk or "")
        return known is not None and known.now

    def fields_of(self, kind: ConcernKind | str) -> tuple[ConcernField, ...]:
        """What is recorded of one kind, in the order of the file."""
        return tuple(one for one in self.fields.offered if kind in one.kinds)

    def told_by(self, role: str, kind: ConcernKind | str) -> str | None:
        """What a link with a role says of the child, to something of one kind; or `NOTHING`."""
        found = self.roles.get(role)
        if found and found.never_home:
            return NOTHING
        tells = found.tells if found else None
        return tells if tells is not None and _TOLD.get(ConcernKind(kind)) is tells else None

    def roles_of(self, kind: ConcernKind | str, *, to_child: bool) -> tuple[LinkRole, ...]:
        """The roles that a link of one kind can have, to a child or to another thing of concern."""
        return tuple(one for one in self.roles.offered if one.to_child is to_child and kind in one.kinds)


def check_concerns(policy: "Policy", file: Path) -> None:
    """Homes are kinds of place, and every kind has roles to be linked by.

    :raises PolicyError: at the first thing that does not fit.
    """
    concerns = policy.of(Concerns)
    for number, code in enumerate(concerns.homes, start=1):
        exists(code, policy.referral.place_kinds, file, f"homes[{number}]")
    for key in ("fields", "roles"):
        for number, one in enumerate(getattr(concerns, key), start=1):
            if not one.kinds:
                raise PolicyError(
                    file, f"{key}[{number}].kinds", f"No kind has “{one.label}”.", "Name a kind of concern."
                )
    for kind in ConcernKind:
        for to_child in (True, False):
            if not concerns.roles_of(kind, to_child=to_child):
                raise PolicyError(
                    file,
                    "roles",
                    f"“{kind}” cannot be linked to {'a child' if to_child else 'anything else'}.",
                    f'Add [[roles]] with kinds = ["{kind}"] and to_child = {str(to_child).lower()}.',
                )


SECTIONS = (Section(file="concerns", shape=Concerns, check=check_concerns),)
