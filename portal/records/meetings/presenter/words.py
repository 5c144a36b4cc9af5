"""A meeting in words, and the page on which one is called."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal import clock
from portal.pathway.calendar import is_working_day
from portal.pathway.states import COMING_MEETING_STATES, OPEN_MEETING_STATES
from portal.policy import current_policy
from portal.records.children.presenter import full_name
from portal.records.meetings.rules import KIND_OF_DUTY, PLANNING, Gap, gaps
from portal.records.meetings.rules import Invited as Expected
from portal.records.meetings.vocabulary import InvitationReply, MeetingChangeKind, MeetingState
from portal.records.people.reading.agencies import TeamChoice
from portal.vocabulary import Sector, Sensitivity
from portal.web.fields import Choice
from portal.web.filters import born_on, clock_time, moment

REPLY_TAGS = {"waiting": "yellow", "coming": "green", "deputy": "green", "apologies": "red"}
GAPS = {Gap.NOT_INVITED: "nobody is invited", Gap.APOLOGIES: "everybody sent apologies"}
_FACTS = {"starts_at": "When", "place": "Where", "chair": "Chair", "note_taker": "Note-taker"}
STATE_TAGS = {"booked": "blue", "due": "yellow", "cancelled": "red"}


@dataclass(frozen=True)
class Invited:
    """One line of who is invited."""

    id: str
    reference: str
    whom: str
    of: str
    role: str
    required: bool
    reply: str
    reply_code: str
    tag: str
    detail: str
    by_hand: bool  # has no account, and is told by hand
    runs: bool  # the chair and the note-taker


@dataclass(frozen=True)
class Change:
    """One line of what was changed."""

    what: str
    before: str
    after: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CaseMeeting:
    """One meeting as the page of its case names it."""

    reference: str
    kind: str
    state: str
    starts_at: datetime
    chair_id: UUID


@dataclass(frozen=True)
class CaseMeetings:
    """The meetings on a case that were not cancelled: those to come, and the last one."""

    to_come: Sequence[CaseMeeting]
    over: Sequence[CaseMeeting]
    open: Sequence[CaseMeeting]

    @classmethod
    def of(cls, case: Any, *, since: datetime | None = None) -> "CaseMeetings":
        """Of the row of `portal.records.entries.reading.case_page.head`; those from a moment on, where one
        is given.
        """
        found = [
            CaseMeeting(
                reference=one["reference"],
                kind=one["kind"],
                state=one["state"],
                starts_at=datetime.fromisoformat(one["starts_at"]),
                chair_id=UUID(one["chair_id"]),
            )
            for one in case.meetings or ()
            if since is None or datetime.fromisoformat(one["starts_at"]) >= since
        ]
        over = [one for one in found if one.state not in COMING_MEETING_STATES]
        return cls(
            to_come=[one for one in found if one.state in COMING_MEETING_STATES],
            over=over,
            open=[one for one in found if one.state in OPEN_MEETING_STATES],
        )

    @property
    def last(self) -> CaseMeeting | None:
        """The one that was held last."""
        return self.over[-1] if self.over else None

    @property
    def first(self) -> datetime | None:
        """When the first that makes a plan was held."""
        return next((one.starts_at for one in self.over if one.kind in PLANNING), None)

    def chaired_by(self, user_id: UUID) -> bool:
        """Whether a person chairs one that is open: as `portal.records.cases.grants` says."""
        return any(one.chair_id == user_id for one in self.open)


def kind_words(meeting: Any) -> str:
    """The kind of a meeting, with its district where it is on one."""
    policy = current_policy()
    kind = policy.meetings.kinds.label(meeting.kind)
    return f"{kind}, {policy.areas.districts.label(meeting.district)}" if meeting.district else kind


def state_words(state: str) -> str:
    """Where a meeting stands."""
    return MeetingState(state).label


def role_words(code: str) -> str:
    """In which role somebody comes."""
    return current_policy().meetings.roles.label(code)


def when_words(meeting: Any) -> str:
    """From when to when, by the clock in Europe/London."""
    until = clock_time(meeting.ends_at)
    same_day = clock.local(meeting.starts_at).date() == clock.local(meeting.ends_at).date()
    return f"{moment(meeting.starts_at)} to {until if same_day else moment(meeting.ends_at)}"


def not_a_working_day(meeting: Any) -> bool:
    """Whether a meeting lies on a weekend or a bank holiday."""
    return not is_working_day(clock.local(meeting.starts_at).date())


def reply_words(code: str, *, over: bool = False) -> str:
    """What somebody answered.

    Args:
        over: the meeting is over, so that nobody answers any more (`is_over`).
    """
    reply = InvitationReply(code)
    return "No reply was given" if over and reply is InvitationReply.WAITING else reply.label


#: Of whoever walked in: they were asked nothing, and have answered nothing.
CAME_UNASKED = "Came without an invitation"


def own_reply_words(row: Any) -> str:
    """What was answered to an invitation, for whoever it is to: who comes, of a deputy.

    Args:
        row: of a meeting with what `portal.records.meetings.reading.records.invitation_to` gives.
    """
    if row.walk_in:
        return "You came without an invitation"
    if row.reply != InvitationReply.DEPUTY:
        return reply_words(row.reply, over=is_over(row))
    if row.stands_in:
        return "You come in the place of somebody else"
    return "A deputy comes in your place" if row.in_name else InvitationReply.DEPUTY.label


def is_over(meeting: Any) -> bool:
    """Whether a meeting was held or cancelled, or its time is past."""
    return meeting.state not in COMING_MEETING_STATES or meeting.ends_at <= clock.now()


def invited_lines(rows: Any, *, over: bool = False) -> list[Invited]:
    """Everyone who is invited, in words; `over` as for `reply_words`."""
    return [
        Invited(
            id=str(row.id),
            reference=row.reference,
            whom=row.person or row.team or row.external_name,
            of=row.agency or "Without an account",
            role=role_words(row.role),
            required=row.required,
            reply=CAME_UNASKED if row.walk_in else reply_words(row.reply, over=over),
            reply_code=row.reply,
            tag=REPLY_TAGS[row.reply],
            detail=_detail(row),
            by_hand=row.external_name is not None,
            runs=row.role in {"chair", "note_taker"},
        )
        for row in rows
    ]


def _detail(row: Any) -> str:
    match row.reply:
        case _ if row.walk_in:
            return ""
        case InvitationReply.APOLOGIES:
            return row.reply_reason or ""
        case InvitationReply.DEPUTY:
            return f"{row.comes} comes"
        case InvitationReply.COMING if row.comes:
            return f"{row.comes} comes"
        case InvitationReply.WAITING if row.comes:
            return f"{row.comes} was to come"
    return ""


def change_lines(rows: Any) -> list[Change]:
    """What was changed, in words."""
    return [
        Change(
            what=MeetingChangeKind(row.kind).label,
            before=_stood(row.before),
            after=_stood(row.after),
            reason=row.reason,
            by=row.changed_by,
            at=row.changed_at,
        )
        for row in rows
    ]


def side_in_words(facts: dict[str, Any]) -> dict[str, str]:
    """One side of a clash of two changes."""
    return {_called(facts): _stood(facts)}


def gap_lines(meeting: Any, rows: Any) -> list[str]:
    """The agencies that a meeting that lies ahead needs, and of which nobody is expected."""
    if meeting.state not in COMING_MEETING_STATES:
        return []
    expected = [
        Expected(sector=Sector(row.sector) if row.sector else None, reply=InvitationReply(row.reply))
        for row in rows
    ]
    found = gaps((Sector(one) for one in meeting.required_sectors), expected)
    return [f"{sector.label}: {GAPS[gap]}" for sector, gap in found.items()]


def _called(facts: dict[str, Any]) -> str:
    return next((label for name, label in _FACTS.items() if name in facts), "State")


def _stood(facts: dict[str, Any]) -> str:
    """One side of a change."""
    if "starts_at" in facts:
        starts, ends = (datetime.fromisoformat(facts[name]) for name in ("starts_at", "ends_at"))
        return f"{moment(starts)} to {clock_time(ends)}"
    if "state" in facts:
        return MeetingState(facts["state"]).label
    return ", ".join(str(value) for value in facts.values() if value) or "nowhere"


#: As what people of a sector mostly come; whoever calls the meeting can say otherwise.
ROLE_OF_SECTOR = {
    Sector.POLICE: "police",
    Sector.SOCIAL_CARE: "social_worker",
    Sector.HEALTH: "health",
    Sector.COUNCIL: "community_safety",
    Sector.EDUCATION: "school",
    Sector.VOLUNTARY: "voluntary",
    Sector.YOUTH_JUSTICE: "youth_justice",
}

OTHER = "other"


@dataclass(frozen=True)
class TeamLine:
    """One team to tick, and as what it comes."""

    value: str
    name: str
    ticked: bool
    role: str


@dataclass(frozen=True)
class Teams:
    """The teams of the page: those on the case, and the rest as a search leaves it."""

    on_case: Sequence[tuple[str, list[TeamLine]]]
    others: Sequence[tuple[str, list[TeamLine]]]


def teams_of(
    offered: Sequence[TeamChoice],
    *,
    on_case: Collection[Any],
    ticked: Collection[str],
    roles: Mapping[str, str],
    sought: str,
    without: Collection[Any] = (),
) -> Teams:
    """The teams in two parts, each under its agency. What is ticked stays on the page whatever is sought.

    Args:
        on_case: the teams that work on one of the cases.
        ticked: the values of the teams that are chosen.
        roles: as what a team comes, by its value, where somebody said so.
        sought: words of which each has to be part of the team, the agency or the line of work.
        without: teams that are invited already.
    """
    words = sought.casefold().split()
    near: dict[str, list[TeamLine]] = {}
    far: dict[str, list[TeamLine]] = {}
    for team in offered:
        if team.id in without:
            continue
        value = str(team.id)
        line = TeamLine(value, team.name, value in ticked, roles.get(value) or role_of(team.sector))
        spoken = f"{team.label} {team.sector.label}".casefold()
        if team.id in on_case:
            near.setdefault(team.agency, []).append(line)
        elif line.ticked or all(word in spoken for word in words):
            far.setdefault(team.agency, []).append(line)
    return Teams(list(near.items()), list(far.items()))


def role_of(sector: Sector | str) -> str:
    """As what people of a sector mostly come, as far as policy still has that role."""
    code = ROLE_OF_SECTOR.get(Sector(sector), OTHER)
    return code if code in {one for one, _ in inside_roles()} else OTHER


def inside_roles() -> list[tuple[str, str]]:
    """The roles of people with an account, without those that the meeting itself gives."""
    return [
        (one.code, one.label)
        for one in current_policy().meetings.roles.offered
        if not one.outside and one.code not in {"chair", "note_taker"}
    ]


def outside_roles() -> list[tuple[str, str]]:
    """The roles of people without an account."""
    return [(one.code, one.label) for one in current_policy().meetings.roles.offered if one.outside]


def person_choices(rows: Iterable[Any], me: Any) -> list[Choice]:
    """The people who may run a meeting, as answers; oneself is marked."""
    return [
        Choice(
            str(row.id),
            f"{row.name}{' (you)' if row.id == me else ''}, {row.job_title or row.agency}"
            + (f", {row.agency}" if row.job_title else ""),
        )
        for row in rows
    ]


def case_choices(rows: Iterable[Any]) -> list[Choice]:
    """Other cases to tick, by the child."""
    return [
        Choice(
            row.reference,
            full_name(row),
            hint=f"{'Born ' + born_on(row) + ', c' if row.dob else 'C'}ase {row.reference}",
        )
        for row in rows
    ]


def suggested(due: Any) -> tuple[str, Any]:
    """The kind of meeting and the day that a case owes; no day once it has passed."""
    if due is None:
        return "", None
    by = clock.local(due.due_at).date()
    return KIND_OF_DUTY.get(due.kind, ""), by if by > clock.today() else None


#: Of the place of a meeting, whatever the other one is.
TAKEN = "There is another meeting in this place at that time. Is that right?"


def elsewhere_words(name: str, references: Sequence[str]) -> str:
    """That somebody is at other meetings at that time, naming those that whoever reads it may know."""
    known = [one for one in references if one]
    if not known:
        return f"{name} is at another meeting at that time. Is that right?"
    others = " and at another meeting" if len(known) < len(references) else ""
    return f"{name} chairs or is invited to {' and '.join(known)}{others} at that time. Is that right?"


def learns_words(case: Any, child: str, names: Sequence[str]) -> str:
    """Whether some may be told who a child is whose case is closely held, and which they do not read."""
    who = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    held = Sensitivity(case.sensitivity).label.lower()
    works = "does" if len(names) == 1 else "do"
    return (
        f"{case.reference} is {held}. {who} {works} not read it, and would learn the name and the date of"
        f" birth of {child}. Is that right? If not, leave them out, or hold another meeting on {child}."
    )
