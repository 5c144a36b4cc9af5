"""What is kept of the page on which a meeting is recorded: each box, and each child, by itself.

What can be kept is kept. What cannot stays as it was typed, with the reason beside it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from portal.access.permissions import Forbidden
from portal.access.principal import current
from portal.changes.errors import DomainError
from portal.records.cases.model import Case
from portal.records.meetings.chairing import case_of
from portal.records.meetings.model import Meeting
from portal.records.minutes.forms import ActionForm, ChildForm
from portal.records.minutes.lines import SentLine, add_line, keep_line, keep_lines
from portal.records.minutes.meeting_decisions import AgencyPart as Share
from portal.records.minutes.meeting_decisions import Saying, everybody_agrees, record_decision, say_parts
from portal.records.minutes.meeting_levels import decide_in_meeting
from portal.records.minutes.meeting_outcomes import Wanted, give_at_meeting, set_next_date
from portal.records.minutes.model import Decision
from portal.records.minutes.presenter.live import Line, said_line
from portal.records.minutes.presenter.record_sheet import Box, RecordSheet, SheetPart
from portal.records.minutes.reviewing import review_action
from portal.records.minutes.typing import Sent, take_in
from portal.records.minutes.vocabulary import MeetingOutcome, Stance
from portal.records.plans.rules import External
from portal.vocabulary import RiskLevel
from portal.web.idempotency import attempt

#: Lines that are typed and not added that a sentence names.
MOST = 5


#: What is said beside what cannot be kept, where the meeting was said to have been held.
NOT_HELD_YET = "The meeting is not recorded as held yet: put right what is marked below, and save again"


class _NotAll(Exception):
    """Something that goes with the record that a meeting was held cannot be kept."""


class _Refused(DomainError):
    """A service refused something that was typed in one of the forms of a child."""

    def __init__(self, form: Any, why: DomainError, *, field: str = "") -> None:
        super().__init__(why.message, field=why.field or field)
        self.form = form


def keep_boxes(meeting: Meeting, boxes: list[Box], *, page: UUID) -> None:
    """Keep what was typed under the headings, together with what others wrote there.

    Raises:
        DomainError: nothing is recorded of the meeting now, or a heading is no longer on the agenda; what is
            under the others is kept.
    """
    changed = {box.row.id: box for box in boxes if box.is_changed}
    if not changed:
        return
    sent = [Sent(item_id, page, box.seen_version, box.words, box.seq) for item_id, box in changed.items()]
    with attempt():
        taken = take_in(actor=current(), meeting=meeting, sent=sent)
    for item_id, found in taken.items():
        if not isinstance(found, DomainError):
            changed[item_id].is_taken(found)
    if refused := [one for one in taken.values() if isinstance(one, DomainError)]:
        raise refused[0]


def keep_typed(meeting: Meeting, sheet: RecordSheet) -> bool:
    """Keep what is typed in lines, each by itself, for whoever goes on with it.

    Returns:
        whether all are kept; if not, the reason stands beside what was typed.
    """
    lines = [line for box in sheet.boxes for line in box.lines if line.came_back]
    begun = {line.line_id: line for line in lines if line.sent.is_begun}
    for field in (field for line in begun.values() for field in line.fields):
        if long := getattr(field, "too_long", ""):
            field.errors = [long]
    fit = [line.sent for line in begun.values() if not line.form.errors]
    if fit:
        with attempt():
            kept = keep_lines(actor=current(), meeting=meeting, sent=fit)
        for line_id, found in kept.items():
            if isinstance(found, DomainError):
                begun[line_id].form.blame(found.field or "", found.message)
    return not any(line.form.errors for line in begun.values())


def keep_last(meeting: Meeting, sheet: RecordSheet) -> bool:
    """Keep what is said of the actions of last time, each by itself.

    Returns:
        whether all is kept; if not, the reason stands beside what was chosen.
    """
    changed = [one for part in sheet.parts for one in part.last if one.is_changed]
    for one in sorted(changed, key=lambda one: one.row.id):  # two pages take the same order
        try:
            with attempt():
                review_action(actor=current(), meeting=meeting, sent=one.sent)
        except DomainError as refused:
            one.form.blame(refused.field or "", refused.message)
    return not any(one.form.errors for one in changed)


def saved_words(lines: Iterable[Any]) -> str:
    """That the page was saved, and which lines are typed and not added: they are no part of the minutes.

    Args:
        lines: of the meeting (`portal.records.minutes.reading.records.lines`).
    """
    typed = [said_line(one) for one in lines if not one.added and _is_begun(one.fields)]
    if not typed:
        return "Saved"
    named = "; ".join(
        f"{one['kind'].lower()} “{one['words'] or 'begun'}” ({one['by']})" for one in typed[:MOST]
    )
    more = f"; {len(typed) - MOST} more" if len(typed) > MOST else ""
    are = "1 line is" if len(typed) == 1 else f"{len(typed)} lines are"
    return f"Saved. {are} not added yet: {named}{more}"


def _is_begun(fields: Mapping[str, str]) -> bool:
    """Whether anything is written in a line. A choice alone is nothing: it may stand there from before."""
    return any(words.strip() for name, words in fields.items() if name != "category")


def add_typed(meeting: Meeting, line: Line) -> bool:
    """Add what is typed in a line; if it cannot be, the reason stands beside the box, and it stays typed."""

    def add(sent: SentLine) -> None:
        draft = keep_line(actor=current(), meeting=meeting, sent=sent)
        add_line(actor=current(), meeting=meeting, draft=draft)

    return _tried(line, add)


def _tried(line: Line, do: Callable[[SentLine], object]) -> bool:
    try:
        with attempt():
            do(line.sent)
    except DomainError as refused:
        line.form.blame(refused.field or "", refused.message)
        return False
    except Forbidden as refused:  # whom one may give an action depends on whose people they are
        line.form.blame("who", refused.reason)
        return False
    return True


def keep_all(meeting: Meeting, sheet: RecordSheet) -> bool:
    """Keep what is typed besides the headings, each thing by itself. What is kept is not typed any more.

    Returns:
        whether all is kept; if not, the reason stands beside what was typed.
    """
    kept = [keep_last(meeting, sheet), keep_typed(meeting, sheet)]
    for part in sheet.parts:
        kept.append(keep_part(meeting, part))
        if kept[-1] and part.is_begun:
            sheet.clear(part)
    return all(kept)


def keep_together(
    meeting: Meeting,
    sheet: RecordSheet,
    *,
    first: Callable[[], DomainError | None],
    wrong: Callable[[], bool],
) -> tuple[DomainError | None, bool]:
    """Keep what is typed besides the headings with that the meeting was held: all of it, or none. Whoever
    sees a problem has recorded nothing and told nobody, and all of it stays typed.

    Args:
        first: says that it was held; what refused that, if anything.
        wrong: whether something on the page stands beside a reason.

    Returns:
        what refused it, if anything, and whether all is kept.
    """
    problem: DomainError | None = None
    try:
        with attempt():
            problem = first()
            kept = [keep_last(meeting, sheet), keep_typed(meeting, sheet)]
            kept += [keep_part(meeting, part) for part in sheet.parts]
            if problem or not all(kept) or wrong():
                raise _NotAll
    except _NotAll:
        return problem or DomainError(NOT_HELD_YET), False
    return None, True


def keep_part(meeting: Meeting, part: SheetPart) -> bool:
    """Keep what was decided on a child, or on the whole meeting: all of it, or nothing.

    Returns:
        whether it is kept; if not, the reason stands beside what was typed.
    """
    if not part.is_begun:
        return True
    wrong = [form for form in (part.form, *part.actions) if not form.validate()]
    if wrong:
        return False
    try:
        with attempt():
            _keep(meeting, part)
    except _Refused as refused:
        refused.form.blame(refused.field or "text", refused.message)
        return False
    return True


def _keep(meeting: Meeting, part: SheetPart) -> None:
    case = case_of(meeting=meeting, case_id=part.child.case_id) if part.child else None
    form = part.form
    decision = _decide(meeting, case, part) if form.is_begun else None
    if case is None or not isinstance(form, ChildForm):
        return
    for number, action in enumerate(part.actions):
        if action.is_begun:
            _give(meeting, case, action, decision, once=_once(part, number))
    try:
        if form.level.data or form.level_reason.data:
            _level(meeting, case, form)
        if form.next_on.data or form.next_reason.data:
            _next(meeting, case, form)
    except DomainError as refused:
        raise _Refused(form, refused, field="level") from refused


def _decide(meeting: Meeting, case: Case | None, part: SheetPart) -> Decision:
    form = part.form
    outcome = form.said("outcome") if isinstance(form, ChildForm) else ""
    try:
        decision = record_decision(
            actor=current(),
            meeting=meeting,
            case=case,
            text=form.said("text"),
            reason=form.said("reason"),
            outcome=MeetingOutcome(outcome) if outcome else None,
            once=_once(part),
        )
    except DomainError as refused:
        raise _Refused(form, refused) from refused
    if form.said("dissenter") or form.said("dissent"):
        _dissent(meeting, decision, part)
    if form.everybody.data:
        try:
            everybody_agrees(actor=current(), meeting=meeting, decision=decision)
        except DomainError as refused:
            raise _Refused(form, refused, field="everybody") from refused
    return decision


def _dissent(meeting: Meeting, decision: Decision, part: SheetPart) -> None:
    form, agency = part.form, part.form.said("dissenter")
    if not agency:
        raise _Refused(form, DomainError("Choose which agency does not agree", field="dissenter"))
    if not form.said("dissent"):
        raise _Refused(form, DomainError("Say why they do not agree", field="dissent"))
    share = Share(Stance.DISSENTS, form.said("dissent"), form.said("escalation"))
    try:
        say_parts(
            actor=current(),
            meeting=meeting,
            decision=decision,
            parts={UUID(agency): Saying(Share(), share)},
        )
    except DomainError as refused:
        raise _Refused(form, refused, field="dissenter") from refused


def _give(meeting: Meeting, case: Case, form: ActionForm, decision: Decision | None, once: UUID) -> None:
    wanted = Wanted(
        what=str(form.what.data or ""),
        measure=str(form.measure.data or ""),
        category=str(form.category.data or ""),
        target=str(form.target.data or ""),
        owner=str(form.owner.data or ""),
        external=External.typed(str(form.external_name.data or "")),
        due_on=form.due_on.data,
        once=once,
    )
    try:
        give_at_meeting(actor=current(), meeting=meeting, case=case, wanted=wanted, decision=decision)
    except DomainError as refused:
        raise _Refused(form, refused, field="what") from refused
    except Forbidden as refused:  # whom one may give an action depends on whose people they are
        raise _Refused(form, DomainError(refused.reason, field="owner")) from refused


def _level(meeting: Meeting, case: Case, form: ChildForm) -> None:
    if not form.level.data:
        raise DomainError("Choose the level", field="level")
    decide_in_meeting(
        actor=current(),
        meeting=meeting,
        case=case,
        level=RiskLevel(form.level.data),
        reason=form.said("level_reason"),
    )


def _next(meeting: Meeting, case: Case, form: ChildForm) -> None:
    if form.next_on.data is None:
        raise DomainError("Enter the next date", field="next_on")
    set_next_date(
        actor=current(), meeting=meeting, case=case, on=form.next_on.data, reason=form.said("next_reason")
    )


def _once(part: SheetPart, number: int | None = None) -> UUID:
    """From the page: the same whenever it is sent again. Of an action with its place on the page."""
    made = part.form.made
    return made if number is None else UUID(int=(made.int + number + 1) % (1 << 128))
