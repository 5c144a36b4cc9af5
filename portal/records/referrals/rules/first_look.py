"""What triage rules read from a form, and when the hub looks at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from portal.pathway.calendar import hub_is_open, hub_next_looks
from portal.policy import Hub
from portal.records.children.rules.eligibility import age_on
from portal.records.referrals.rules.answers import ChildDetails, Details, FormAnswers
from portal.records.referrals.rules.triage import TriageAnswers
from portal.vocabulary import Urgency


@dataclass(frozen=True)
class FirstLook:
    """When the hub looks at a form that reached it at a moment. Moments are in UTC."""

    open_now: bool  # at that moment
    next_looks_at: datetime
    due_at: datetime

    @property
    def due_while_closed(self) -> bool:
        """Whether the time is up before the hub opens again: such forms are looked at outside its hours."""
        return not self.open_now and self.due_at < self.next_looks_at


def first_look(hub: Hub, received_at: datetime, due_at: datetime) -> FirstLook:
    """By policy ``hub.hours`` and the triage clock that already gave ``due_at``."""
    return FirstLook(hub_is_open(hub, received_at), hub_next_looks(hub, received_at), due_at)


def triage_answers(answers: FormAnswers, details: Iterable[Details], today: date) -> TriageAnswers:
    """What the triage rules look at: codes, and the ages of the children."""
    children = [one for one in details if isinstance(one, ChildDetails)]
    ages = {age_on(one.dob, today) if one.dob else one.age for one in children}
    return TriageAnswers(
        urgency=answers.urgency or Urgency.NOT_KNOWN,
        kinds=frozenset({answers.kind}),
        types=frozenset(answers.types),
        contexts=frozenset(answers.contexts),
        contact=frozenset({answers.contact}),
        flags=frozenset(answers.flags),
        ages=frozenset(age for age in ages if age is not None),
    )
