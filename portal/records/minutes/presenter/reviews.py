"""The actions of last time on the record of a meeting: a row for each, with what the meeting hears of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from markupsafe import Markup

from portal import clock
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import current_policy
from portal.records.minutes.forms import ReviewForm
from portal.records.minutes.reviewing import FIELDS, SentReview
from portal.records.minutes.vocabulary import ActionOutcome
from portal.records.plans.rules import standing
from portal.web.choices import offer, terms
from portal.web.filters import day

_LABEL = Markup('{}<span class="govuk-visually-hidden">: {}</span>')


@dataclass
class LastAction:
    """One action of last time and what is typed in its row."""

    row: Any
    form: ReviewForm

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, so that the meeting says what came of it."""
        return self.row.state in OPEN_ACTION_STATES

    @property
    def is_late(self) -> bool:
        """Whether its day has passed and it is still to be done."""
        return self.is_open and self.row.due_on < clock.today()

    @property
    def state(self) -> str:
        """Where it stands, with why where it is blocked and what was done where it is done."""
        words = self.row.blocked_reason or (self.row.done_words if self.row.done_at else "")
        label = standing(self.row.state, self.row.covered_by)
        return f"{label}: {words}" if words else label

    @property
    def must_be_answered(self) -> bool:
        """Whether nothing is said of it, and it is still to be done."""
        return self.is_open and not self.row.outcome

    @property
    def waits(self) -> bool:
        """Whether something is said that the action does not say yet."""
        return bool(self.row.version) and self.row.followed_at is None

    @property
    def fields(self) -> list[Any]:
        """Its fields in order; of what is over only those that can still be said."""
        return [self.form[name] for name in (FIELDS if self.is_open else FIELDS[1:])]

    @property
    def was(self) -> list[str]:
        """What the page shows of it, so that what others say meanwhile is told from it."""
        shown = _shown(self.row)
        if not self.form.errors:
            shown |= self.sent.fields
        return [f"{name}={value}" for name, value in shown.items() if value]

    @property
    def is_changed(self) -> bool:
        """Whether its row came back with something else than the page had shown or sent."""
        if not self.form["words"].raw_data:
            return False
        was = self.form.seen()
        return any(value != was.get(name, [""])[-1] for name, value in self.sent.fields.items())

    @property
    def sent(self) -> SentReview:
        """As it comes back."""
        return _sent(self.row.id, self.form)


def last_action(row: Any, posted: Any = None) -> LastAction:
    """One row, with what is kept of it and what comes back.

    Args:
        row: of `portal.records.minutes.reading.records.last_actions`.
        posted: what comes back; None for a new page.
    """
    came_back = posted if posted is not None and f"l-{row.id}-words" in posted else None
    form = ReviewForm(came_back, line_id=str(row.id), **_shown(row))
    offer(form["effect"], terms(current_policy().plans.effects.offered))
    for name in FIELDS:
        form[name].label.text = _LABEL.format(form[name].label.text, row.what)
    return LastAction(row, form)


def sent_review(action_id: UUID, posted: Any) -> SentReview:
    """What a page sends of one row by itself."""
    return _sent(action_id, ReviewForm(posted, line_id=str(action_id)))


def _sent(action_id: UUID, form: ReviewForm) -> SentReview:
    names = [name for name in FIELDS if form[name].raw_data]
    return SentReview(action_id, form.fields(names), form.seen())


def _shown(row: Any) -> dict[str, str]:
    return {
        "outcome": row.outcome or "",
        "effect": row.effect or ("" if row.version else row.had_effect or ""),
        "words": row.words or "",
    }


def heard(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """What a meeting heard of each action, as an open page takes it in.

    Args:
        rows: of `portal.records.minutes.reading.records.reviews`.
    """
    return [
        {
            "id": str(row.action_id),
            "version": row.version,
            "fields": {name: getattr(row, name) for name in FIELDS},
        }
        for row in rows
    ]


@dataclass(frozen=True)
class Reviewed:
    """What a meeting heard of one action, in words."""

    what: str
    who: str
    outcome: str
    effect: str
    words: str


def in_words(rows: Iterable[Any]) -> list[Reviewed]:
    """What a meeting heard of the actions of last time.

    Args:
        rows: as for `heard`.
    """
    effects = current_policy().plans.effects
    return [
        Reviewed(
            what=row.what,
            who=f"{row.owner}, {row.agency}, by {day(row.due_on)}",
            outcome=ActionOutcome(row.outcome).label if row.outcome else "",
            effect=effects.label(row.effect) if row.effect else "",
            words=row.words,
        )
        for row in rows
    ]
