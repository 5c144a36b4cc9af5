"""What the portal says of messages: to whoever is told, with names, and to whoever watches over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.access.permissions import near
from portal.access.principal import Principal
from portal.policy import current_policy
from portal.queries.about import Key, Seen, Subject
from portal.vocabulary.deadlines import DeadlineKind
from portal.vocabulary.messages import HandReason
from portal.web.message_subjects import page_of_message


@dataclass(frozen=True)
class Line:
    """One thing that somebody was told, as their list shows it."""

    id: UUID
    title: str
    names: str
    reference: str
    gone: bool  # they no longer see what it is about
    read: bool
    urgent: bool
    at: datetime
    due_at: datetime | None
    handed: str


def subject_of(row: Any) -> Subject:
    """What a message is about."""
    return Subject(row.subject_kind, row.subject_id, row.case_id)


def line(row: Any, seen: Mapping[Key, Seen]) -> Line:
    """One message in words, with the names that the person may see now."""
    subject = subject_of(row)
    found = seen.get(subject.key)
    return Line(
        id=row.id,
        title=_beside_tag(title(row.kind, row.duty)) if row.urgent else title(row.kind, row.duty),
        names=joined(found.names) if found else "",
        reference=row.reference or (found.reference if found else "") or "",
        gone=not page_of_message(row.kind, subject, row.reference, seen),
        read=row.read_at is not None or row.recipient_id is None,
        urgent=row.urgent,
        at=row.created_at,
        due_at=row.due_at,
        handed=handed_on(row),
    )


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
    rest = said.removeprefix("Urgent: ")
    return rest[:1].upper() + rest[1:]


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
        ("messages.preferences", "What you get by e-mail", near(person, "message:choose")),
        ("absences.index", "When you are away", near(person, "absence:enter")),
        ("messages.watch", "Every message", watching),
        ("messages.addresses", "Addresses that came back", near(person, "address:lift") and not watching),
    )
    return [(endpoint, name) for endpoint, name, may in offered if may]
