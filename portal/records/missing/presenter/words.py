"""Missing episodes in words: codes become labels here, so that templates only lay out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from portal import clock
from portal.policy import Policy
from portal.policy.reader import Catalogue
from portal.policy.validators import ContactKind
from portal.records.children.presenter import born, full_name
from portal.records.entries.rules import who_reads
from portal.records.entries.vocabulary import Handling
from portal.records.missing.policy import Missing
from portal.records.missing.rules import TIMES, WINDOWS, status_words
from portal.records.missing.vocabulary import EVERYBODY, MissingStatus
from portal.web.filters import moment

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

#: What each column is called on the page of an episode and in its history.
LABELS = {
    "status": "What it is",
    "missing_since": "Since",
    "left_at": "Left",
    "missing_from": "From",
    "reported_by": "Raised by",
    "reported_at": "Raised",
    "circumstances": "What happened before",
    "last_seen_at": "Last seen",
    "last_seen": "Last seen where",
    "last_seen_by": "Last seen by",
    "last_seen_role": "Who that is",
    "description": "Looks like",
    "wearing": "Wearing",
    "believed_with": "Believed to be with",
    "trigger_plan_used": "Trigger plan used",
    "grade": "Police grade",
    "police_reference": "Police reference",
    "responsible_authority": "Responsible authority",
    "host_authority": "Lives in the area of",
    "found_at": "Found",
    "returned_at": "Back since",
    "how_found": "How",
    "found_where": "Where",
    "found_with": "With whom",
    "injuries": "Hurt or harmed",
    "prevention_at": "Prevention interview",
    "prevention_by": "Held by",
    "prevention_words": "What came of it",
    "handling": "Who may read what came of it",
    "withdrawn_reason": "Withdrawn because",
}
#: The same where nobody knows it, as the end of a sentence: “Not known: when the child left, …”.
_ASKED = {
    "missing_since": "since when the child is missing",
    "left_at": "when the child left",
    "missing_from": "where the child left from",
    "reported_by": "who raised it",
    "reported_at": "when it was raised",
    "circumstances": "what happened before",
    "last_seen_at": "when the child was last seen",
    "last_seen": "where the child was last seen",
    "last_seen_by": "who saw the child last",
    "last_seen_role": "who that is to the child",
    "description": "what the child looks like",
    "wearing": "what the child is wearing",
    "believed_with": "who the child may be with",
    "trigger_plan_used": "whether the trigger plan was used",
    "police_reference": "the police reference",
    "responsible_authority": "the responsible authority",
    "host_authority": "the authority in whose area the child lives",
    "found_at": "when the child was found",
    "returned_at": "when the child came back",
    "how_found": "how the child came back",
    "found_where": "where the child was found",
    "found_with": "with whom the child was",
    "injuries": "whether the child was hurt or harmed",
}
_KNOWN = ("status", "missing_since", "left_at", "missing_from", "reported_at", "reported_by", "circumstances")
_SEEN = ("last_seen_at", "last_seen", "last_seen_by", "last_seen_role")
_KNOWN_TOO = ("description", "wearing", "believed_with", "trigger_plan_used", "grade", "police_reference")
_AREAS = ("responsible_authority", "host_authority")
_RETURN = ("found_at", "returned_at", "how_found", "found_where", "found_with", "injuries")
_TALK = ("prevention_at", "prevention_by")
#: What stands where nothing was said, and that is not “not known”.
NOT_GRADED = "Not graded yet"
_NOTHING = {"grade": NOT_GRADED, "police_reference": "None yet"}
_MOMENTS = frozenset({*TIMES, "prevention_at"})
#: Who hears of a child and so sees the episode (`ctx.rescope_missing`). The same of every child, so that it
#: tells of none that a case of theirs is closely held.
WHO_HEARS = (
    "Who hears of the child: all police, the hub, whoever works on an open case of the child, the team that"
    " reported the child, and social care of the authorities that the episode names, or every front door"
    " while it does not name both. Of a child with a closely held case only whoever reads that case, and the"
    " team that reported the child."
)
#: What all of them read of the talk of the police, whoever may read what came of it.
ALL_READ = (
    "That there was a talk, when, who held it and for which agency, everyone who hears of the child reads."
    " You say below who reads what the child said and what you saw."
)
#: Of whoever works with the child on one record, and does not read an episode on another.
UNSHOWN = "There is more on a linked record of the child, which is not shown to you"

#: In the place of words that are held back from the reader, where there is no room to say whom to ask.
HELD = "Held back from you"
#: The same in a chronology, where they stand for nobody.
HELD_HERE = "Held back here: the page of the episode has it for whoever may read it, and says whom to ask"


def knows(details: Any) -> bool:
    """Whether the reader knows who the child is by its record, too."""
    return details.given_name is not None


def held_back(policy: Policy, who: str, *, known: bool, police: bool = True) -> str:
    """What stands in the place of words that are held back from the reader: who wrote them, and whom to ask.
    Never whoever wrote them, who does not know of it. Why, only where the reader knows who the child is.

    Args:
        police: whether the police read the words; else whoever leads the case says who does.
    """
    found = policy.hub.contacts_of(ContactKind.NON_EMERGENCY)
    number = found[0].number if found else "999"
    if not known:
        return f"{who}, wrote this. {f'The police may read it: ring {number}' if police else 'Ask the hub'}."
    ask = (
        f"Ask the police on {number}, who look for the child and read it; of a case that is held closely,"
        " whoever leads it"
    )
    return (
        f"{who}, wrote this. It is held back from you, because it may say where the child lives, goes to"
        " school or is reached. If you need it, do not ask them."
        f" {ask if police else 'Ask whoever leads the case of the child: the police do not read it'}."
    )


@dataclass(frozen=True)
class EpisodeLine:
    """One episode in a list."""

    reference: str
    name: str
    born: str
    status: str
    since: datetime
    returned_at: datetime | None
    lasted: str
    place: str
    found: str
    grade: str
    grade_tag: str
    authority: str
    police_reference: str
    often: str  # how often in 30 days, where it is more than once
    waits_for_police: bool
    withdrawn: bool = False
    agency: str = ""
    linked: bool = False  # on another record of the child
    twice: bool = False  # two reports of the same child run: one of them is to be withdrawn


@dataclass(frozen=True)
class Counts:
    """How often a child was missing."""

    in_all: int
    listed: int
    windows: tuple[tuple[int, int], ...]  # days, how often
    linked: int = 0  # so many of them on other records of the child
    unshown: bool = False  # there are more on such a record, which the reader does not read

    @property
    def words(self) -> str:
        """In one sentence."""
        said = ", ".join(f"{number} in {days} days" for days, number in self.windows)
        words = f"{self.in_all} in all: {said}" if self.in_all else "None that counts"
        linked = f". {self.linked} of them on linked records of the child" if self.linked else ""
        return f"{words}{linked}. {UNSHOWN}" if self.unshown else f"{words}{linked}"


def line(row: Any, policy: Policy) -> EpisodeLine:
    """A row of one of the lists in words."""
    missing, known = policy.of(Missing), getattr(row, "given_name", None) is not None
    often = getattr(row, "in_a_month", 0)
    return EpisodeLine(
        reference=row.reference,
        name=full_name(row) if known else getattr(row, "reported_name", ""),
        born=(born(row.dob, is_estimate=row.dob_is_estimate) if known else _reported(row)) or "",
        status=status_words(row.status),
        since=row.missing_since,
        returned_at=row.returned_at,
        lasted=lasted(row.missing_since, row.returned_at),
        place=missing.places.label(row.missing_from),
        found=missing.findings.label(row.how_found),
        grade=missing.grades.label(row.grade),
        grade_tag=_grade_tag(row.grade),
        authority=_authorities(row, policy),
        police_reference=getattr(row, "police_reference", None) or "",
        often=_often(often, getattr(row, "in_a_month_linked", 0)),
        waits_for_police=row.returned_at is not None and row.prevention_at is None,
        withdrawn=getattr(row, "withdrawn_at", None) is not None,
        agency=getattr(row, "agency", ""),
        linked=getattr(row, "is_linked", False),
        twice=getattr(row, "twice", False),
    )


def lines(rows: Iterable[Any], policy: Policy) -> list[EpisodeLine]:
    """Rows of one of the lists in words."""
    return [line(row, policy) for row in rows]


def by_year(found: Sequence[EpisodeLine]) -> list[tuple[int, list[EpisodeLine]]]:
    """Lines in the years, by the clock in Europe/London, in which the episodes began; order as it comes."""
    return [(year, list(group)) for year, group in groupby(found, lambda one: clock.local(one.since).year)]


def counts(rows: Sequence[Any]) -> Counts | None:
    """How often, from the rows of `reading.records.times_of`; nothing where there are none."""
    if not rows:
        return None
    first = rows[0]
    windows = tuple((days, getattr(first, f"in_{days}")) for days in WINDOWS)
    return Counts(first.in_all, first.listed, windows, first.linked, first.unshown)


def lasted(since: datetime, until: datetime | None) -> str:
    """For how long: “1 hour and 49 minutes”, “2 days and 3 hours”; from a day on by the hours that passed."""
    passed = max((until or clock.now()) - since, timedelta())
    counts = (passed // _DAY, "day"), (passed % _DAY // _HOUR, "hour"), (passed % _HOUR // _MINUTE, "minute")
    first = next((at for at, (number, _) in enumerate(counts) if number), 2)
    return " and ".join(_count(*one) for one in counts[first : first + 2] if one[0]) or _count(1, "minute")


def name_of(episode: Any, details: Any) -> str:
    """Who it is, as far as the reader may know: the child, else the name that was reported."""
    return full_name(details) if details.given_name is not None else str(episode.reported_name)


def known_as(episode: Any, details: Any) -> str:
    """That the child of a report is known by another name or date of birth, for whoever may know who it is;
    nothing where it was reported as it is known, or as another child of whom the reader may not know.
    """
    if details.given_name is None or not details.reads_as_reported:
        return ""
    reported, known = (
        ", ".join(filter(None, one))
        for one in (
            (str(episode.reported_name), _reported(episode)),
            (name_of(episode, details), born_of(episode, details)),
        )
    )
    same_name = str(episode.reported_name).casefold() == name_of(episode, details).casefold()
    if same_name and (episode.reported_dob is None or episode.reported_dob == details.dob):
        return ""
    return f"Reported as {reported}. The portal knows this child as {known}."


def born_of(episode: Any, details: Any) -> str:
    """The date of birth, of the child or as it was reported."""
    if details.given_name is not None:
        return born(details.dob, is_estimate=details.dob_is_estimate) or ""
    return _reported(episode)


def known_rows(episode: Any, details: Any, policy: Policy, held: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is known of the episode, and for whoever reads the child’s record whose the child is by that. Of a
    child who was found or is back it is not said any more that nobody knows where they are.

    Args:
        held: by field, what stands in its place for this reader.
    """
    status, *others, area, host = _rows(episode, (*_KNOWN, *_SEEN, *_KNOWN_TOO, *_AREAS), policy, held)
    if not area["value"] and (known := policy.areas.authorities.label(details.responsible_authority)):
        area |= {"value": f"{known}, by the child’s record. The report does not say so"}
    if episode.found_at is not None or episode.returned_at is not None:
        status |= {"value": status_words(episode.status)}
    return [status, *others, area, host]


def return_rows(episode: Any, policy: Policy, held: Mapping[str, str]) -> list[dict[str, Any]]:
    """How the child came back; `held` as of `known_rows`."""
    return _rows(episode, _RETURN, policy, held)


def talk_rows(episode: Any, details: Any, policy: Policy) -> list[dict[str, Any]]:
    """The talk with the police: that it was, and what came of it for whoever may read that."""
    rows = _rows(episode, _TALK, policy, {})
    if details.talk_handling is None:
        return rows
    read_by = EVERYBODY
    if details.talk_handling != Handling.NETWORK:
        read_by = who_reads(details.talk_handling, details.talk_agency, details.talk_listed)
    return [
        *rows,
        {"key": LABELS["prevention_words"], "value": details.talk_words},
        {"key": "Who may read that", "value": read_by},
    ]


def history(changes: Iterable[Any], policy: Policy) -> list[dict[str, Any]]:
    """What an episode said before each change, for `ui.timeline`."""
    return [
        {
            "title": "Changed" if any(one.before.values()) else "Added",
            "by": f"{one.by}, {one.agency}",
            "at": one.changed_at,
            "text": "\n".join(_changed(one.before, one.after, policy)),
        }
        for one in changes
    ]


def version(values: Mapping[str, Any], policy: Policy) -> dict[str, str]:
    """One of two versions of an episode, to be shown beside the other."""
    return {LABELS[name]: _said(name, value, policy) for name, value in values.items() if name in LABELS}


def as_lines(name: str, dob: date | None, facts: Mapping[str, Any], policy: Policy) -> list[str]:
    """What a report says, line by line; who it is where that was typed."""
    who = ", ".join(filter(None, (name, born(dob) if dob else "")))
    said = [f"{label}: {words}" for label, words in version(facts, policy).items() if words]
    return ([f"Reported as {who}"] if who else []) + said


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], policy: Policy) -> Iterable[str]:
    for name, label in LABELS.items():
        if name in before or name in after:
            was, now = before.get(name), _said(name, after.get(name), policy) or "nothing"
            yield f"{label}: {_said(name, was, policy)} → {now}" if was else f"{label}: {now}"


def _rows(
    episode: Any, names: Iterable[str], policy: Policy, held: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [
        {
            "key": LABELS[name],
            "value": held[name]
            if name in held
            else _said(name, getattr(episode, name), policy) or _NOTHING.get(name),
            "asked": _ASKED.get(name, LABELS[name]),
        }
        for name in names
    ]


def _said(name: str, value: Any, policy: Policy) -> str:
    """One thing that an episode says, stored or kept as plain values."""
    if value is None or value == "" or isinstance(value, Mapping):  # which `ctx.change_words` puts in
        return HELD if value else ""
    if name in _MOMENTS:
        return moment(datetime.fromisoformat(value) if isinstance(value, str) else value)
    if name == "trigger_plan_used":
        return "Yes" if value else "No"
    if name == "handling":
        return EVERYBODY if value == Handling.NETWORK else Handling(value).label
    if name == "status":
        return MissingStatus(value).label if value in set(MissingStatus) else str(value)
    lists: Mapping[str, Catalogue[Any]] = {
        "missing_from": policy.of(Missing).places,
        "grade": policy.of(Missing).grades,
        "how_found": policy.of(Missing).findings,
        "last_seen_role": policy.of(Missing).seen_by,
        "responsible_authority": policy.areas.authorities,
        "host_authority": policy.areas.authorities,
    }
    among = lists.get(name)
    return among.label(value) if among else str(value)


def _authorities(row: Any, policy: Policy) -> str:
    responsible, host = getattr(row, "responsible_authority", None), getattr(row, "host_authority", None)
    said = policy.areas.authorities.label(responsible)
    if host and host != responsible:
        said += f"{', lives in ' if said else 'Lives in '}{policy.areas.authorities.label(host)}"
    return said


def _reported(row: Any) -> str:
    return born(getattr(row, "reported_dob", None)) or ""


def _often(often: int, linked: int) -> str:
    if often < 2:  # noqa: PLR2004  # once is what the line itself says
        return ""
    said = f"{often} times in {WINDOWS[0]} days, as far as you see"
    return f"{said}: {linked} of them on linked records" if linked else said


def _grade_tag(grade: str | None) -> str:
    return {"high": "red", "medium": "orange", "low": "yellow"}.get(grade or "", "grey")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
