"""Who is told that a process of another service began, goes on and ended."""

from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import CaseNews
from portal.records.cases.model import Case
from portal.records.linked_processes import steps
from portal.records.linked_processes.model import LinkedProcess
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.linked import make_process
from tests.linked_processes.conftest import Acting, begins, takes
from tests.told import of_event

MAIL, BELL = "mail", "portal"


def news(rows: Session) -> list[str]:
    rows.rollback()
    found = rows.query(CaseNews).filter_by(subject_kind="linked_process").order_by(CaseNews.at, CaseNews.id)
    return [one.event for one in found]


def test_whoever_leads_and_works_on_the_case_hears_that_an_enquiry_began(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begins(acting, cast.coordinator, case, "section_47", owner=cast.officer)
    assert of_event(rows, "enquiry_begun") == {
        (cast.officer.id, BELL, "process_begun"),
        (cast.social_worker.id, MAIL, "process_begun"),
        (cast.nurse.id, BELL, "process_begun"),
        (cast.colleague.id, BELL, "process_begun"),
        (cast.police_manager.id, BELL, "process_begun"),
        (cast.social_care_manager.id, BELL, "process_begun"),
        (cast.chair.id, BELL, "process_begun"),
    }
    assert news(rows) == ["enquiry_begun"]


def test_one_who_leads_and_sees_to_it_is_told_by_what_they_have_to_do(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begins(acting, cast.officer, case, "strategy_discussion", owner=cast.social_worker)
    assert of_event(rows, "process_begun") == {
        (cast.social_worker.id, BELL, "process_begun"),
        (cast.nurse.id, BELL, "process_begun"),
    }


def test_what_begins_with_a_process_is_not_told_apart(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begins(acting, cast.social_worker, case, "child_protection")
    assert news(rows) == ["process_begun"]


def test_of_a_closely_held_case_those_alone_who_read_it_are_told(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    begins(acting, cast.social_worker, case, "section_47", owner=cast.social_worker)
    assert of_event(rows, "enquiry_begun") == {(cast.nurse.id, BELL, "process_begun")}


def test_a_step_is_news_and_how_it_ended_is_told_whoever_leads(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = make_process(rows, case, cast.officer, kind="strategy_discussion", step="held")
    takes(acting, cast.officer, process, "held", outcome="nothing_more")
    assert (news(rows), of_event(rows, "process_step")) == (["process_step", "process_ended"], set())
    assert of_event(rows, "process_ended") == {(cast.social_worker.id, BELL, "process_news")}


def test_that_it_was_recorded_by_mistake_is_told_whoever_was_told_that_it_began(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = begins(acting, cast.officer, case, "strategy_discussion", owner=cast.officer)
    with acting(cast.officer) as actor:
        held = db.session.get_one(LinkedProcess, process.id)
        reason = "Another child of the same name"
        steps.take_back(actor=actor, process=held, reason=reason, version=held.version)
    begun = {who for who, *_ in of_event(rows, "process_begun")}
    assert begun == {who for who, *_ in of_event(rows, "process_mistaken")}


def test_whoever_saw_to_it_hears_that_somebody_else_does(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    process = make_process(rows, case, cast.officer)
    with acting(cast.social_worker) as actor:
        held = db.session.get_one(LinkedProcess, process.id)
        owner = db.session.get_one(User, cast.nurse.id)
        said = {"owner": owner, "reason": "She knows the family", "version": held.version}
        steps.hand_over(actor=actor, process=held, **said)  # type: ignore[arg-type] # of different types
    assert of_event(rows, "process_given") == {(cast.officer.id, BELL, "no_longer_yours")}
