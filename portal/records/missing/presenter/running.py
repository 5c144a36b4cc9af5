"""A child who is missing now, in words: the banner of every page, what is said when it was reported, and the
log of what was done to find the child.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal import clock
from portal.access import principal
from portal.pathway.calendar import numbers_of_night
from portal.policy import Contact, Policy, current_policy
from portal.policy.validators import ContactKind
from portal.records.missing.model import SAID_IN_WORDS
from portal.records.missing.policy import Missing
from portal.records.missing.presenter.words import HELD, LABELS, NOT_GRADED, held_back, lasted
from portal.records.missing.rules import ClosingOff, status_words
from portal.records.missing.vocabulary import MissingStatus
from portal.vocabulary import Sector, Sensitivity
from portal.web.filters import in_words, moment


@dataclass(frozen=True)
class MissingNow:
    """What the banner says of a child who is missing now."""

    reference: str
    label: str
    since: datetime
    lasted: str
    found_at: datetime | None  # found, and not back yet
    grade: str
    police: str  # the number of the police
    police_reference: str
    team: str  # who recorded it
    phone: str
    linked: bool  # it is recorded on another record that is linked as being of the same child
    night: tuple[Contact, ...]  # who answers now, where the team does not at this hour
    to_police: bool  # whoever reads it is of the police, who ring those who recorded it

    @property
    def words(self) -> str:
        """In sentences, for paper and files."""
        found = f" Found {moment(self.found_at)}, not back yet." if self.found_at else ""
        cited = f" ({self.police_reference})" if self.police_reference else ""
        team = f", or {self.team}, {self.phone}" if self.phone and not self.night else ""
        at_night = f" Now, outside office hours: {in_words(self.night)}." if self.night else ""
        linked = " Recorded on a linked record of the child." if self.linked else ""
        return (
            f"Since {moment(self.since)}.{found}{linked} Police grade: {self.grade.lower()}."
            f" Ring the police on {self.police}{cited}{team}.{at_night}"
        )


@dataclass(frozen=True)
class Search:
    """What whoever holds a case more closely reads of the search for its child, who is missing now."""

    closing: Sequence[ClosingOff]

    @property
    def police(self) -> bool:
        """Whether the police would lose sight of a report."""
        return any(one.police for one in self.closing)

    @property
    def lines(self) -> list[str]:
        """Before it is done: a paragraph for each time that the child is missing now."""
        return [
            f"The child is missing now ({one.reference}). {_lose(one)}, unless somebody of them is named."
            " They are told so at once, and whom to ring: whoever made the report, who reads it still."
            for one in self.closing
            if one.police or one.desks or one.hub
        ]

    def done(self, held: Sensitivity) -> str:
        """After it: who of them reads no more of it."""
        gone = [(one.reference, _who(one, held)) for one in self.closing if _who(one, held)]
        said = (f". The child is missing now ({ref}): {who} no longer read the report" for ref, who in gone)
        return "".join(said)


def closes_if_moved(when: str, closed: Iterable[ClosingOff]) -> list[str]:
    """Before a report goes over to a record that is held closely: who loses sight of it.

    Args:
        when: what has to be so, as a sentence begins.
    """
    return [
        f"{when}, {_who(one, Sensitivity.SEALED)} lose sight of this report: a case of the child is held"
        " closely. They are told so at once, and whom to ring: whoever made the report, who reads it still."
        for one in closed
        if _who(one, Sensitivity.SEALED)
    ]


def closed_when_moved(closed: Iterable[ClosingOff]) -> str:
    """After it: who of them reads it no more."""
    return Search(list(closed)).done(Sensitivity.SEALED)


def _who(one: ClosingOff, held: Sensitivity) -> str:
    police = ["the police"] if one.police else []
    hub = ["the hub"] if one.hub and held is Sensitivity.SEALED else []
    *others, last = [*police, *one.desks, *hub] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _lose(one: ClosingOff) -> str:
    those = _who(one, Sensitivity.RESTRICTED)
    if those:
        also = ", and if you seal it the hub too" if one.hub else ""
        look = ", who look for the child," if one.police else ""
        return f"If you restrict or seal the case, {those}{look} lose sight of the report{also}"
    return "If you seal the case, the hub loses sight of the report"


def missing_now(now: Mapping[str, Any]) -> MissingNow:
    """What `facts.missing_now` read, in words; of several reports what the police said of the gravest."""
    policy = current_policy()
    grade, police_reference = _of_police(now, policy.of(Missing).urgency)
    since, found = datetime.fromisoformat(now["since"]), now["found_at"]
    police = policy.hub.contacts_of(ContactKind.NON_EMERGENCY)
    return MissingNow(
        reference=now["reference"] or "",
        label="Missing now" if now["status"] == MissingStatus.MISSING else status_words(now["status"]),
        since=since,
        lasted=lasted(since, None),
        found_at=datetime.fromisoformat(found) if found else None,
        grade=policy.of(Missing).grades.label(grade) or NOT_GRADED,
        police=police[0].number if police else "999",
        police_reference=police_reference or "",
        team=now["team"] or "",
        phone=now["phone"] or "",
        night=_at_night(policy, now),
        linked=bool(now.get("linked")),
        to_police=_is_police(),
    )


def _of_police(now: Mapping[str, Any], urgency: Sequence[str]) -> tuple[str | None, str | None]:
    """The gravest grade of the reports of a child that run, and the police reference that goes with it, else
    one that is there.
    """
    places = {grade: place for place, grade in enumerate(urgency)}
    reports = sorted(now.get("reports") or [now], key=lambda one: places.get(one["grade"], len(places)))
    cited = (one["police_reference"] for one in reports)
    return reports[0]["grade"], next(filter(None, cited), None)


def _at_night(policy: Policy, now: Mapping[str, Any]) -> tuple[Contact, ...]:
    """Who answers now in the place of the team that recorded it; nobody where the team does."""
    if now.get("at_night"):
        return ()
    return numbers_of_night(policy, clock.now(), authority=now.get("authority"))


def _is_police() -> bool:
    person = principal.optional()
    return person is not None and person.sector is Sector.POLICE


def reported() -> str:
    """What the page says when a child was reported. The police need not be rung by the police."""
    return "Reported" if _is_police() else "Reported. If you have not rung the police about it, ring them now"


#: Said of every report, and so says nothing of any.
WHO_IT_IS = (
    "Whoever works with the child is told when name and date of birth, or an NHS number, say for certain who"
    " it is. Where they nearly do, the hub is asked first."
)


def rings_back(episode: Any, numbers: Any) -> str:
    """What a report of any child says of those who are told: it may not open for some of them, who ring back.

    Args:
        numbers: of `reading.numbers_of_recorder`.
    """
    reached = list(dict.fromkeys(one for one in (numbers.phone, numbers.team_phone) if one))
    whom = f"you or {numbers.team}" if numbers.team else "you"
    ring = f" on {' or '.join(reached)}" if reached else ""
    without = "" if reached else " The portal has no number for you: tell the police how to reach you."
    return (
        f"Some of those who are told may see only the reference {episode.reference}. They are asked to ring"
        f" {whom}{ring}: be ready to say who the child is.{without}"
    )


def running(episode: Any, details: Any) -> dict[str, Any]:
    """What the banner shows on the page of an episode itself: as `facts.missing_now` reads it."""
    return {
        "reference": episode.reference,
        "since": episode.missing_since.isoformat(),
        "status": episode.status,
        "grade": episode.grade,
        "found_at": episode.found_at.isoformat() if episode.found_at else None,
        "police_reference": episode.police_reference,
        "team": details.team,
        "phone": details.phone,
        "at_night": details.at_night,
        "authority": details.responsible_authority,
        "linked": False,
    }


def with_missing(now: Mapping[str, Any] | None, alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Alerts as `ui.alert_strip` shows them, with that the child is missing now before them.

    Args:
        now: what `facts.missing_now` read of the child, if they are missing.
    """
    if now is None:
        return alerts
    said = missing_now(now)
    return [{"missing": now, "label": said.label, "text": said.words, "danger": True}, *alerts]


def withdrawn(other: Any) -> str:
    """What the page says when a report was withdrawn, and what those hear who are told of it.

    Args:
        other: the report of which it is a double; none where there was no such episode.
    """
    said = "Withdrawn. It stays to be read and counts no more. Those who are told read"
    if other is None:
        return f"{said} that there was no such episode, and that another report may run"
    still = "and is still missing" if other.returned_at is None else "and that the other says how it went on"
    return (
        f"{said} that the child was reported twice {still}; the page names {other.reference} to who sees it"
    )


def answered_match(matches: Iterable[Any]) -> str:
    """What was answered last, and by whom, to whether the child of an episode is one who was known, for
    whoever sees both; empty where nobody has answered.
    """
    answered = [one for one in matches if one.answered_at is not None]
    last = max(answered, key=lambda one: one.answered_at, default=None)
    if last is None:
        return ""
    said = "the same child" if last.same else "another child"
    return f"{last.by}, {last.agency}, has answered on {moment(last.answered_at)}: it is {said}"


_OVER = "The safety plan of that time ended {}. Ask before you act on this"


def enquiries(
    rows: Iterable[Any], over: Mapping[UUID, datetime], policy: Policy, *, known: bool
) -> list[dict[str, Any]]:
    """The log of what was done to find a child, for `ui.timeline`; `over` as `reading.plans_over` gives it.

    Args:
        known: whether the reader may know that the portal knows the child. Whoever may not is shown no place
            that something is held back from, for of a child whom nobody knows nothing ever is. Of any
            child the page says to everybody else that the police may read more.
    """
    return [
        {
            "title": HELD if one.made_by is None else one.made_by,
            "by": f"{one.by}, {one.agency}, recorded {moment(one.recorded_at)}",
            "at": one.made_at,
            "text": held_back(policy, f"{one.by}, {one.agency}", known=True)
            if one.words is None
            else one.words,
            "tags": [_OVER.format(moment(over[one.id]))] if one.id in over else [],
        }
        for one in rows
        if known or (one.words is not None and one.made_by is not None)
    ]


def matches(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """What was answered of whose an episode is, for `ui.timeline`."""
    return [
        {
            "title": f"Put on {row.other_reference}"
            if row.same
            else f"Not the child of {row.other_reference}",
            "by": f"{row.by}, {row.agency}",
            "at": row.answered_at,
            "text": f"Was on {row.child_reference}. {row.words}" if row.same else row.words,
        }
        for row in rows
        if row.answered_at
    ]


def not_asked(episode: Any) -> list[str]:
    """What a form on an episode does not ask: what it says of that is held back from whoever fills it in."""
    named = [
        f"“{label}”"
        for name, label in LABELS.items()
        if name in SAID_IN_WORDS and name != "withdrawn_reason" and getattr(episode, name) is None
    ]
    if not named:
        return []
    return [f"Held back from you, and so not asked here: {', '.join(named)}. It stays as it is."]
