"""Plans and actions in words, and whom an action can be given to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock
from portal.access.principal import Principal, current
from portal.changes.errors import DomainError
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import Policy
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.concerns.model import Concern
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Team, User
from portal.records.people.presenter import people_who_fit, picked_person
from portal.records.people.reading import agencies
from portal.records.plans import reading as plans
from portal.records.plans.forms import OwnerForm
from portal.records.plans.rules import CARRIED_ON, CarriedOn, External, standing
from portal.records.plans.vocabulary import ActionPriority, ActionState, ActionStepKind
from portal.vocabulary import Sensitivity
from portal.web.filters import day

#: What stands for a concern that its reader does not see.
A_CONCERN = "A place or person of concern"

_TAGS = {
    ActionState.NOT_STARTED: "grey",
    ActionState.UNDER_WAY: "blue",
    ActionState.BLOCKED: "orange",
    ActionState.DONE: "green",
    ActionState.CONFIRMED: "green",
    ActionState.NOT_NEEDED: "grey",
    ActionState.COVERED: "grey",
}


@dataclass(frozen=True)
class ActionLine:
    """One action in a list."""

    reference: str
    what: str
    measure: str
    target: str
    state: str
    tag: str
    owner: str
    due_on: date
    overdue: bool
    is_open: bool
    priority: str  # empty for the usual one
    more: str  # why it is blocked, what was done, what covers it or who carries it on
    effect: str
    about: str = ""  # the child, or the place or person of concern, where a list names them
    means: str = ""
    missing: Any = (
        None  # what `ui.missing_banner` shows of the child who is missing now, where a list names them
    )


@dataclass(frozen=True)
class Group:
    """The actions for one purpose."""

    label: str
    hint: str
    lines: Sequence[ActionLine]


@dataclass(frozen=True)
class Event:
    """One thing in the history of an action, or of another record, as `ui.timeline` shows it."""

    title: str
    by: str
    at: datetime
    text: str
    tags: tuple[str, ...] = ()


def line(row: Any, policy: Policy, reader: Principal | None = None) -> ActionLine:
    """A row of `portal.records.plans.reading.actions_of_case` in words.

    Args:
        reader: whoever is told what is theirs; None for what others read too.
    """
    state = ActionState(row.state)
    is_open = state in OPEN_ACTION_STATES
    return ActionLine(
        reference=row.reference,
        what=row.what,
        measure=row.measure,
        target=_label(policy.plans.targets, row.target),
        state=standing(state, row.covered_by),
        tag=_TAGS[state],
        owner=owner_words(row),
        due_on=row.due_on,
        overdue=is_open and row.due_on < clock.today(),
        is_open=is_open,
        priority=priority_words(row.priority),
        more=_more(row, state, reader),
        effect=_label(policy.plans.effects, row.effect) if row.effect else "",
        about=about_words(row),
        means=_label(policy.plans.means, row.means) if row.means else "",
        missing=getattr(row, "missing_now", None),
    )


def about_words(row: Any) -> str:
    """Whom or what an action is about: the child, or the name of the concern for whoever sees it."""
    names = (getattr(row, name, None) for name in ("given_name", "family_name", "concern_name"))
    found = " ".join(part for part in names if part)
    return found or (A_CONCERN if getattr(row, "concern_id", None) else "")


@dataclass(frozen=True)
class Doing:
    """Something that is still to do about a concern."""

    reference: str
    what: str
    due_on: date
    overdue: bool
    state: str
    tag: str
    owner: str


def on_concern(actions: Iterable[Mapping[str, Any]] | None) -> list[Doing]:
    """What is to do about a concern, for `plans/_of_concern.html`: column `actions` of its page."""
    return [
        Doing(
            reference=one["reference"],
            what=one["what"],
            due_on=(due := date.fromisoformat(one["due_on"])),
            overdue=due < clock.today(),
            state=ActionState(one["state"]).label,
            tag=_TAGS[ActionState(one["state"])],
            owner=f"{one['owner_person'] or one['owner_team']}, {one['owner_agency']}",
        )
        for one in actions or ()
    ]


def groups(rows: Iterable[Any], policy: Policy) -> list[Group]:
    """Actions by what they are for, in the order of the policy; within each as they come."""
    by_category: dict[str, list[ActionLine]] = {}
    for row in rows:
        by_category.setdefault(row.category, []).append(line(row, policy))
    known = [one for one in policy.plans.categories if one.code in by_category]
    others = [code for code in by_category if code not in policy.plans.categories]
    return [
        *(Group(one.label, one.hint, by_category[one.code]) for one in known),
        *(Group(_label(policy.plans.categories, code), "", by_category[code]) for code in others),
    ]


def owner_words(row: Any) -> str:
    """Whose an action is; of one that somebody without an account does, who does it and who tells them."""
    owner = External(row.external_name, row.external_role).through(row.owner_person or row.owner_team)
    return f"{owner}, {row.owner_agency}"


def state_words(action: Any) -> tuple[str, str]:
    """Where an action, or a row with its state and what covers it, stands; and the colour of its tag."""
    return standing(action.state, action.covered_by), _TAGS[ActionState(action.state)]


def carried_on(action: Any) -> CarriedOn | None:
    """Who carries an action on since its case ended; None where it stands otherwise."""
    return CarriedOn.said(action.covered_by) if action.state == ActionState.COVERED else None


def priority_words(priority: str) -> str:
    """How much it matters, where that is not the usual."""
    found = ActionPriority(priority)
    return "" if found is ActionPriority.NORMAL else f"{found.label} priority"


def history(steps: Iterable[Any], notes: Iterable[Any], policy: Policy) -> list[Event]:
    """What happened to an action and what was written on it, the earliest first."""
    found = [_step(one, policy) for one in steps] + [_note(one) for one in notes]
    return sorted(found, key=lambda one: one.at)


def _step(step: Any, policy: Policy) -> Event:
    kind = ActionStepKind(step.kind)
    text = step.words
    if kind is ActionStepKind.MOVED:
        text = f"From {_day(step.before)} to {_day(step.after)}. {step.words}"
    elif kind is ActionStepKind.OWNER:
        text = f"From {step.before} to {step.after}. {step.words}"
    elif kind is ActionStepKind.EFFECT:
        said = _label(policy.plans.effects, step.after)
        text = f"{said}. {step.words}" if step.words else said
    carried_on = kind is ActionStepKind.COVERED and CarriedOn.said(text)
    return Event(CARRIED_ON if carried_on else kind.label, step.by, step.made_at, text)


def _note(note: Any) -> Event:
    match note.handling:
        case Handling.AGENCIES:
            readers = f"Only {', '.join((note.agency, *(note.listed or ())))}"
        case Handling.OWN:
            readers = f"Only {note.agency}"
        case _:
            readers = Handling.NETWORK.label
    return Event("Note", f"{note.author}, {note.agency}", note.written_at, note.text, (readers,))


def _more(row: Any, state: ActionState, reader: Principal | None) -> str:
    if state is ActionState.BLOCKED:
        return str(row.blocked_reason)
    if state in {ActionState.DONE, ActionState.CONFIRMED}:
        return str(row.done_words)
    if state is not ActionState.COVERED:
        return ""
    carried_on = CarriedOn.said(row.covered_by)
    if carried_on is None:
        return f"Covered by: {row.covered_by}"
    return carried_on.shown(whose=_still_whose(row, carried_on, reader))


def _still_whose(row: Any, carried_on: CarriedOn, reader: Principal | None) -> str:
    """That it is still its reader's, where they own it and it was not given to whoever leads what follows."""
    if reader is None or carried_on.who != (row.owner_person or row.owner_team):
        return ""
    if row.owner_id is not None:
        return "Yours still, after the case ended" if row.owner_id == reader.user_id else ""
    return "Your team’s still, after the case ended" if row.owner_team_id in reader.team_ids else ""


def _label(terms: Any, code: str) -> str:
    return str(terms.label(code)) if code in terms else code.replace("_", " ").capitalize()


def _day(iso: str) -> str:
    return day(date.fromisoformat(iso))


def offer_owners(form: OwnerForm, on: Case | Concern) -> None:
    """The people around a case, or for a concern one's colleagues and the keepers', and every team; on a
    sealed case or a restricted concern only who reads it.
    """
    if isinstance(on, Concern):
        sealed = on.sensitivity > 0
        people = plans.people_for(concern=on, agency_id=current().agency_id)
    elif sealed := on.sensitivity == Sensitivity.SEALED:
        people = plans.people_named_on(case_id=on.id)
    else:
        people = plans.people_on(case_id=on.id, agency_id=current().agency_id)
    form.email.seek(people_who_fit)
    form.offer_owners(
        [(str(one.id), f"{one.name}, {one.agency}") for one in people],
        [] if sealed else [(str(one.id), f"Team: {one.label}") for one in agencies.teams_to_choose()],
    )


def owner_of(form: OwnerForm) -> User | Team:
    """Who was chosen, from the list or of those who were looked up.

    Raises:
        DomainError: they have left meanwhile.
    """
    kind, identifier = form.chosen
    if identifier is None:
        return picked_person(form.email)
    if kind == "person":
        found: User | Team | None = case_records.find_person(user_id=identifier)
    else:
        found = next(iter(agencies.find_teams(ids=[identifier])), None)
    if found is None:
        raise DomainError("Choose a person or team that is in use", field="owner")
    return found


@dataclass(frozen=True)
class Shown:
    """One choice of actions; no states are all of them."""

    code: str
    label: str
    states: tuple[ActionState, ...]
    nothing: str  # what the page says when there are none


OPEN = Shown(
    "open",
    "To do",
    tuple(one for one in ActionState if one in OPEN_ACTION_STATES),
    "Nothing is to be done. Actions stand here once somebody gives them.",
)
DONE = Shown("done", "Done", (ActionState.DONE, ActionState.CONFIRMED), "Nothing is done yet.")
DROPPED = Shown(
    "dropped",
    "Not needed, or seen to elsewhere",
    (ActionState.NOT_NEEDED, ActionState.COVERED),
    "No action was given up, and none is seen to elsewhere.",
)
EVERY = Shown("all", "All", (), "No action was given yet.")
CHOICES = (OPEN, DONE, DROPPED, EVERY)


def chosen(code: str) -> Shown:
    """The choice of an address; what is still to do when it names none."""
    return next((one for one in CHOICES if one.code == code), OPEN)


def views(counts: Mapping[str, int]) -> Sequence[tuple[Shown, int]]:
    """Each choice with how many actions it holds."""
    return [
        (one, sum(number for state, number in counts.items() if not one.states or state in one.states))
        for one in CHOICES
    ]
