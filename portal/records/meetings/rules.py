"""Which duty of a case a meeting meets, and which sectors it needs and does not have."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.deadlines.vocabulary import DeadlineKind
from portal.records.meetings.vocabulary import Attendance, InvitationReply
from portal.vocabulary import Sector

#: Meetings of other kinds meet no duty: they are called because somebody wants them.
MEETS = MappingProxyType(
    {
        "first": DeadlineKind.MEETING,
        "review": DeadlineKind.REVIEW,
        "strategy": DeadlineKind.STRATEGY,
        "high_risk_group": DeadlineKind.HIGH_RISK_GROUP,
    }
)

#: The same the other way round: the kind of meeting that a duty asks for.
KIND_OF_DUTY = MappingProxyType({duty: kind for kind, duty in MEETS.items()})

#: Meetings that make or look at a plan, from which the next review is counted (policy `levels`).
PLANNING = frozenset({"first", "review"})


#: What counts as taking part: a deputy, a part of the meeting and a written contribution are no absence.
TOOK_PART = frozenset({Attendance.PRESENT, Attendance.DEPUTY, Attendance.PART, Attendance.WRITTEN})

_IN_THE_ROOM = frozenset({Attendance.PRESENT, Attendance.DEPUTY, Attendance.PART})


class Gap(StrEnum):
    """Why nobody of a sector is expected."""

    NOT_INVITED = "not_invited"
    APOLOGIES = "apologies"


@dataclass(frozen=True)
class Invited:
    """Somebody who is invited, as far as the rule needs it. Whoever has no account is of no sector."""

    sector: Sector | None
    reply: InvitationReply
    attendance: Attendance | None = None
    withdrawn: bool = False


def gaps(required: Iterable[Sector], invited: Iterable[Invited]) -> dict[Sector, Gap]:
    """The required sectors of which nobody is expected, and why, in the order in which they are required.

    A sector is covered when somebody of it is invited and has not sent apologies: no reply yet is no gap.
    """
    expected, asked = set[Sector | None](), set[Sector | None]()
    for one in invited:
        if one.withdrawn:
            continue
        asked.add(one.sector)
        if one.reply is not InvitationReply.APOLOGIES:
            expected.add(one.sector)
    return {
        sector: Gap.APOLOGIES if sector in asked else Gap.NOT_INVITED
        for sector in required
        if sector not in expected
    }


def missing(required: Iterable[Sector], invited: Iterable[Invited]) -> tuple[Sector, ...]:
    """The required sectors of which nobody took part, in the order in which they are required."""
    there = {one.sector for one in invited if not one.withdrawn and one.attendance in TOOK_PART}
    return tuple(sector for sector in required if sector not in there)


def was_there(attendance: str) -> bool:
    """Whether somebody came, whole or in part, themselves or by a deputy."""
    return attendance in _IN_THE_ROOM


def attended_by(attendance: str | None, note: str | None, comes: str | None) -> str:
    """Who came on an invitation, beside its own name: in the words of whoever marked it. The person who had
    answered that they would come did so only where it is marked as there and these words name nobody else.

    :param comes: who was to come for a team or as a deputy.
    """
    return note or (f"{comes} came" if comes and attendance in _IN_THE_ROOM else "")
