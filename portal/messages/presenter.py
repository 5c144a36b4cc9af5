"""What the portal says of messages and of their life, to whoever is told and to whoever watches over them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal import registry
from portal.access.permissions import near
from portal.access.principal import Principal
from portal.deadlines.vocabulary import DeadlineKind
from portal.messages.choices import lowered
from portal.messages.vocabulary import (
    ANSWERED,
    CancelReason,
    DeadReason,
    Ground,
    HandReason,
    MessageChannel,
    MessageState,
    UntoldReason,
)
from portal.pages.about import Key, Seen, Subject
from portal.policy import current_policy
from portal.policy.telling import URGENT
from portal.reminders.untold import KINDS
from portal.web.filters import upper_first
from portal.web.references import page_of_message

#: What tells the hub that somebody could not be told: it is about none of its own teams.
UNTOLD = frozenset(KINDS.values())


@dataclass(frozen=True)
class MessageLine:
    """One thing that somebody was told, as their list shows it."""

    id: UUID
    title: str
    says: str  # the sentence of its kind, as the e-mail has it; it names nobody
    names: str
    missing: tuple[Any, ...]  # whoever of them is missing now, for `ui.missing_marks`
    reference: str
    gone: bool  # they do not see what it is about
    read: bool
    urgent: bool
    at: datetime
    due_at: datetime | None
    handed: str
    over: str  # what of it is no longer theirs, where the page that it leads to still opens and says nothing


@dataclass(frozen=True)
class CaseChanges:
    """What changed on one case, as the list of changes shows it."""

    reference: str
    child: str
    missing: Mapping[str, Any] | None  # what `ui.missing_banner` shows of a child who is missing now
    lines: tuple["ChangeLine", ...]

    @property
    def first(self) -> "ChangeLine":
        """What to read first: the newest that is critical, else the newest."""
        return next((one for one in self.lines if one.critical), self.lines[0])


@dataclass(frozen=True)
class ChangeLine:
    """One thing that changed."""

    what: str
    agency: str
    at: datetime
    critical: bool


def change_line(row: Any) -> ChangeLine:
    """A row of `portal.messages.news` in words."""
    event = registry.events().get(row.event)
    if event is None:
        return ChangeLine("Something changed", row.agency, row.at, critical=False)
    return ChangeLine(event.label, row.agency, row.at, event.critical)


def changes_by_case(rows: Iterable[Any]) -> list[CaseChanges]:
    """Changes of several cases, those of one together, the case that changed last first."""
    by_case: dict[str, list[Any]] = {}
    for row in rows:
        by_case.setdefault(row.reference, []).append(row)
    return [
        CaseChanges(
            reference,
            f"{found[0].given_name} {found[0].family_name}",
            found[0].missing_now,
            tuple(change_line(row) for row in found),
        )
        for reference, found in by_case.items()
    ]


@dataclass(frozen=True)
class ToldLine:
    """Somebody who was told of something on a case."""

    what: str
    who: str
    ground: str
    how: str
    at: datetime
    opened_at: datetime | None
    waits: bool  # it has reached them, and nobody has opened it


#: What became of a message, as whoever told may know it.
_BECAME = {
    MessageState.OWED: "by e-mail, which waits to be sent",
    MessageState.QUEUED: "by e-mail, which is being sent",
    MessageState.ACCEPTED: "by e-mail",
    MessageState.SHOWN: "in the portal",
    MessageState.REFUSED: "by e-mail, which came back",
    MessageState.DEAD: "not told: no e-mail could be sent",
    MessageState.CANCELLED: "not told: it was no longer owed",
}


def told_line(row: Any) -> ToldLine:
    """A row of `portal.messages.reading.told_of_case` in words."""
    event = registry.events().get(row.event)
    return ToldLine(
        what=event.label if event else "Something happened",
        who=f"{row.person or row.team}, {row.agency}",
        ground=_why(row),
        how=_BECAME[MessageState(row.state)],
        at=row.created_at,
        opened_at=row.opened_at,
        waits=row.opened_at is None and row.state in _ARRIVED,
    )


def _why(row: Any) -> str:
    """Why somebody was told: their ground; or in whose place, and why not them."""
    if row.handed_reason:
        return handed_on(row)
    return Ground(row.ground).label if row.ground in set(Ground) else ""


#: What has reached somebody, so that they could open it.
_ARRIVED = frozenset({MessageState.ACCEPTED, MessageState.SHOWN})


@dataclass(frozen=True)
class UntoldLine:
    """Somebody who could not be told, as the hub’s list shows them."""

    id: UUID
    what: str
    who: str
    why: str
    reference: str
    teller: str
    at: datetime
    urgent: bool


def untold_line(row: Any) -> UntoldLine:
    """A row of `portal.messages.unreached` in words."""
    event = registry.events().get(row.event)
    ground = Ground(row.ground).label if row.ground in set(Ground) else row.ground
    if row.authority:
        ground += f", {current_policy().areas.authorities[row.authority].label}"
    return UntoldLine(
        id=row.id,
        what=event.label if event else title(row.event),
        who=row.person or row.team or upper_first(ground),
        why=UntoldReason(row.reason).label,
        reference=row.reference or "",
        teller=row.teller or "",
        at=row.created_at,
        urgent=row.urgent,
    )


def subject_of(row: Any) -> Subject:
    """What a message is about."""
    return Subject(row.subject_kind, row.subject_id, row.case_id)


def line(row: Any, seen: Mapping[Key, Seen]) -> MessageLine:
    """One message in words, with the names that the person may see now."""
    subject = subject_of(row)
    found = seen.get(subject.key)
    gone = not page_of_message(row.kind, subject, row.reference, seen)
    return MessageLine(
        id=row.id,
        title=_beside_tag(title(row.kind, row.duty)) if row.urgent else title(row.kind, row.duty),
        says=_sentence(row.kind),
        names=joined(found.names) if found and row.kind not in UNTOLD else "",  # the hub is who is told
        missing=found.missing if found else (),
        reference=row.reference or (found.reference if found else "") or "",
        gone=gone,
        read=row.read_at is not None or row.recipient_id is None,
        urgent=row.urgent,
        at=row.created_at,
        due_at=row.due_at,
        handed=handed_on(row),
        over="" if gone else _over(row),
    )


#: The kind that says only that something is no longer theirs: its event says what; of others their sentence.
_SOMETHING = "no_longer_yours"
_SAID = frozenset({"minutes_no_longer_yours", "missing_not_them", "missing_by_another"})


def _over(row: Any) -> str:
    """What of a record is no longer somebody’s who still sees it; empty of any other message."""
    event = registry.events().get(row.event) if row.kind == _SOMETHING else None
    if event is not None:
        return f"{title(row.kind)}: {lowered(event.label)}."
    return _sentence(row.kind) if row.kind in {_SOMETHING, *_SAID} else ""


def _sentence(kind: str) -> str:
    known = current_policy().reminders.kinds.get(kind)
    return known.line if known else ""


def title(kind: str, duty: str | None = None) -> str:
    """What a kind of message says, and of which duty: “Something is due: triage”."""
    known = current_policy().reminders.kinds.get(kind)
    said = known.subject if known else kind.replace("_", " ").capitalize()
    if duty is None or duty not in set(DeadlineKind):
        return said
    label = DeadlineKind(duty).label
    return f"{said}: {label[0].lower()}{label[1:]}"


def _beside_tag(said: str) -> str:
    """What stands beside the mark “Urgent” does not say it again."""
    rest = said.removeprefix(URGENT)
    return upper_first(rest)


def joined(names: Sequence[str]) -> str:
    """Names in a sentence: “Ada Fictional and Ben Fictional”."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def handed_on(row: Any) -> str:
    """From whom a message was handed on, and why; empty when it was not."""
    if not row.handed_from and not row.handed_reason:
        return ""
    code = row.handed_reason
    label = HandReason(code).label if code in set(HandReason) else code or ""
    return (
        f"Meant first for {row.handed_from or 'a team'}{': ' if label else ''}{label[:1].lower()}{label[1:]}"
    )


def tabs(person: Principal) -> list[tuple[str, str]]:
    """The pages on messages that somebody may open: endpoint and name.

    Whoever watches over messages finds the addresses that came back on that page.
    """
    watching = near(person, "message:watch")
    offered = (
        ("messages.index", "What you were told", near(person, "message:read")),
        ("messages.changes", "What changed", near(person, "case:list")),
        ("messages.untold", "Who could not be told", near(person, "untold:see_to")),
        ("messages.preferences", "What you get by e-mail", near(person, "message:choose")),
        ("absences.index", "When you are away", near(person, "absence:enter")),
        ("messages.watch", "Every message", watching),
        ("messages.addresses", "Addresses that came back", near(person, "address:lift") and not watching),
    )
    return [(endpoint, name) for endpoint, name, may in offered if may]


_COLOURS = {
    MessageState.OWED: "blue",
    MessageState.QUEUED: "blue",
    MessageState.ACCEPTED: "green",
    MessageState.REFUSED: "red",
    MessageState.CANCELLED: "grey",
    MessageState.DEAD: "red",
    MessageState.SHOWN: "grey",
}


@dataclass(frozen=True)
class DeliveryStep:
    """One thing that happened to a message, or that is to happen."""

    what: str
    at: datetime | None = None


def steps(row: Any, now: datetime) -> list[DeliveryStep]:
    """What has become of a message so far, the earliest first.

    Args:
        row: of `portal.messages.reading.lives`.
    """
    found = [DeliveryStep("Written", row.created_at)]
    if handed := handed_on(row):
        found.append(DeliveryStep(handed))
    found += _STATES[MessageState(row.state)](row, now)
    if row.read_at:
        read = _ANSWERED if row.outcome == ANSWERED else "Read in the portal"
        found.append(DeliveryStep(read, row.read_at))
    return found


#: Not read: it was new until a colleague had answered what it says that the team is asked.
_ANSWERED = "No longer new: a colleague has answered"


def colour(state: str) -> str:
    """The colour of a state's label."""
    return _COLOURS.get(MessageState(state), "grey")


def reason(code: str | None) -> str:
    """Why something became of a message, in words; what a mail server said stays as it said it."""
    for reasons in (CancelReason, DeadReason):
        if code in set(reasons):
            return reasons(code).label
    return f"the mail server said {code}" if code else "no reason was noted"


def _owed(row: Any, now: datetime) -> list[DeliveryStep]:
    tried = [DeliveryStep(f"Tried {_times(row.attempts)}: {reason(row.outcome)}")] if row.attempts else []
    if row.next_try_at > now:
        return [*tried, DeliveryStep("Next try" if tried else "To be sent", row.next_try_at)]
    return [*tried, DeliveryStep("Waits to be sent since", max(row.not_before, row.next_try_at))]


def _queued(_row: Any, _now: datetime) -> list[DeliveryStep]:
    return [DeliveryStep("A worker is sending it now")]


def _accepted(row: Any, _now: datetime) -> list[DeliveryStep]:
    again = f" at attempt {row.attempts}" if row.attempts > 1 else ""
    return [DeliveryStep(f"Accepted by the mail server{again}", row.settled_at)]


def _refused(row: Any, _now: datetime) -> list[DeliveryStep]:
    return [
        DeliveryStep(f"Refused for good: {reason(row.outcome)}", row.settled_at),
        DeliveryStep("The address is suspended, and the same goes to whoever is next and may know of it"),
    ]


def _cancelled(row: Any, _now: datetime) -> list[DeliveryStep]:
    return [DeliveryStep(f"Cancelled: {_in_sentence(reason(row.outcome))}", row.settled_at)]


def _dead(row: Any, _now: datetime) -> list[DeliveryStep]:
    tried = [DeliveryStep(f"Tried {_times(row.attempts)}")] if row.attempts else []
    return [*tried, DeliveryStep(f"Could not be sent: {_in_sentence(reason(row.outcome))}", row.settled_at)]


def _shown(row: Any, _now: datetime) -> list[DeliveryStep]:
    by_choice = row.channel == MessageChannel.MAIL
    said = (
        "Shown in the portal; the person wants no e-mail of this kind" if by_choice else "Shown in the portal"
    )
    return [DeliveryStep(said, row.settled_at or row.created_at)]


def _in_sentence(words: str) -> str:
    return words[:1].lower() + words[1:]


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


_STATES = {
    MessageState.OWED: _owed,
    MessageState.QUEUED: _queued,
    MessageState.ACCEPTED: _accepted,
    MessageState.REFUSED: _refused,
    MessageState.CANCELLED: _cancelled,
    MessageState.DEAD: _dead,
    MessageState.SHOWN: _shown,
}
