"""What the people of the demonstration asked each other about children, and how far the answers have come."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal.access.principal import Principal
from portal.clock import local
from portal.demo.content.acting import Described, Stage, reread, team_called
from portal.demo.content.triage import Written
from portal.extensions import db
from portal.pathway.calendar import add_working_days, end_of_day, subtract_working_days
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Agency
from portal.records.referrals.model import Referral
from portal.records.requests.answering import answer, answer_nothing_held, give_more_time, is_asked, withdraw
from portal.records.requests.asking import ask
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.records.requests.vocabulary import Locates


def write(
    stage: Stage, described: Sequence[Described], written: Mapping[str, Written], known: Mapping[str, UUID]
) -> None:
    """Ask what the files describe, and answer, withdraw or give time as they say, the earliest first."""
    for said in described:
        asked = _ask(stage, said, written, known)
        for step in sorted(_steps(said), key=lambda one: stage.ago(one["at"])):
            with stage.acting(step["by"], stage.ago(step["at"])) as actor:
                _do(actor, stage, step, asked)


def _ask(
    stage: Stage, said: Described, written: Mapping[str, Written], known: Mapping[str, UUID]
) -> list[UUID]:
    with stage.acting(said["by"], stage.ago(said["at"])) as actor:
        child_id = known[said["child"]]
        form = written.get(said.get("form", ""))
        case = None if form else db.session.scalars(select(Case).where(Case.child_id == child_id)).one()
        asked = ask(
            actor=actor,
            child_id=child_id,
            case=case,
            referral=reread(Referral, form.id) if form else None,
            teams=[team_called(name).id for name in said["teams"]],
            question=said["question"],
            why=said["why"],
            due_at=_due(stage, said["due"]),
        )
        return [one.id for one in asked]


def _steps(said: Described) -> Iterator[Described]:
    """What was done with a question after it was asked: `do` says what."""
    for do in ("answers", "withdrawn", "later"):
        for step in said.get(do, ()):
            yield {**step, "do": do}


def _do(actor: Principal, stage: Stage, step: Described, asked: Sequence[UUID]) -> None:
    match step["do"]:
        case "answers":
            _answer(actor, step, asked)
        case "withdrawn":
            withdraw(actor=actor, request=_to(step["team"], asked), reason=step["reason"])
        case _:
            give_more_time(
                actor=actor,
                request=_to(step["team"], asked),
                due_at=_due(stage, step["due"]),
                reason=step["reason"],
            )


def _answer(actor: Principal, step: Described, asked: Sequence[UUID]) -> None:
    request = next(one for one in _all(asked) if is_asked(actor, one))
    given = (
        select(func.count()).select_from(InformationAnswer).where(InformationAnswer.request_id == request.id)
    )
    seen = db.session.scalar(given) or 0
    if step.get("nothing_held"):
        answer_nothing_held(actor=actor, request=request, seen=seen)
        return
    listed = select(Agency.id).where(Agency.code.in_(step.get("agencies", ())))
    answer(
        actor=actor,
        request=request,
        text=step["text"],
        handling=Handling(step["handling"]),
        listed=db.session.scalars(listed).all(),
        locates=Locates(step.get("locates", Locates.NO)),
        seen=seen,
    )


def _to(team: str, asked: Sequence[UUID]) -> InformationRequest:
    wanted = team_called(team).id
    return next(one for one in _all(asked) if one.asked_team_id == wanted)


def _all(asked: Sequence[UUID]) -> Sequence[InformationRequest]:
    """Of some questions, those that whoever acts now sees."""
    return db.session.scalars(select(InformationRequest).where(InformationRequest.id.in_(asked))).all()


def _due(stage: Stage, days: int) -> datetime:
    """The end of the working day that is so many of them after the load, or before it."""
    today = local(stage.now).date()
    day = add_working_days(today, days) if days > 0 else subtract_working_days(today, -days)
    return end_of_day(day)
