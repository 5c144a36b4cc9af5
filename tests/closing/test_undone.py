"""A case ends before a strategy discussion was held, or with its child missing: both are answered for."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.closing.model import CaseClosure
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from portal.vocabulary import RiskLevel, Sensitivity
from tests.assessments.conftest import assessed
from tests.cast import Cast
from tests.client import Client
from tests.closing.conftest import Acting, agrees, decided, ending, ends
from tests.closing.test_pages import SAID, version
from tests.factories.missing import make_episode
from tests.missing.conftest import reports, returns
from tests.told import of_event

SignIn = Callable[[User | None], Client]
WHY = "The other area holds it tomorrow at nine"


def discussion_due(acting: Acting, cast: Cast, case: Case) -> None:
    """A strategy discussion is due on the case."""
    with acting(cast.coordinator):
        record, owner = db.session.get_one(Case, case.id), Owner(user_id=cast.social_worker.id)
        due = clock.now() + timedelta(days=1)
        open_deadline(kind=DeadlineKind.STRATEGY, subject=record, owner=owner, due_at=due)


def missing(rows: Session, cast: Cast, case: Case) -> str:
    """The child of the case is missing; gives the reference of the report."""
    episode = make_episode(rows, rows.get_one(Child, case.child_id), cast.officer)
    rows.commit()
    return episode.reference


def test_both_are_named_before_it_ends_and_it_ends_only_with_a_word_that_then_stands_on_the_case(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    discussion_due(acting, cast, case)
    episode = missing(rows, cast, case)
    page, browser = f"/cases/{case.reference}", client_for(cast.social_worker)
    asked = browser.soup(f"{page}/end/closed").get_text(" ", strip=True)
    assert "Before this case can end A strategy discussion is due by" in asked
    assert f"The child is missing now ({episode})" in asked
    sent = SAID | {"version": version(rows, case), "undone_reason": ""}
    unsaid = browser.submit(f"{page}/end/closed", data=sent)
    assert unsaid.status_code == 422
    assert "was not held. Say why the case ends all the same" in unsaid.text
    assert browser.submit(f"{page}/end/closed", data=sent | {"undone_reason": WHY}).status_code == 303
    for person in (cast.social_worker, cast.nurse):
        shown = client_for(person).soup(page).get_text(" ", strip=True)
        assert f"Why with what was not done yet {WHY}" in shown, person.name
    assert client_for(cast.stranger).get(page).status_code == 404


def test_whoever_agrees_reads_both_and_gives_back_what_nobody_answered_for(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation"))
    discussion_due(acting, cast, case)
    episode = missing(rows, cast, case)
    asked = client_for(cast.social_care_manager).soup(f"/cases/{case.reference}/end/asked")
    assert "A strategy discussion is due by" in asked.get_text()
    assert f"The child is missing now ({episode})" in asked.get_text()
    with pytest.raises(DomainError, match=r"Nothing was said of that\. Give it back"):
        agrees(acting, cast.social_care_manager, case)


def test_a_word_said_of_the_discussion_is_none_of_the_child_who_went_missing_since(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.NONE)
    discussion_due(acting, cast, case)
    ends(acting, cast.social_worker, case, ending(reason="no_exploitation", undone_reason=WHY))
    episode = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    refused = client_for(cast.social_care_manager).submit(f"/cases/{case.reference}/end/agree")
    assert refused.status_code == 422
    assert f"The child is missing now ({episode.reference}). Nothing was said of that" in refused.text
    returns(acting, cast.officer, episode)
    agrees(acting, cast.social_care_manager, case)
    rows.expire_all()
    assert rows.scalars(select(CaseClosure.second_id)).one() == cast.social_care_manager.id


def test_without_either_nothing_is_asked_and_nothing_kept(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    asked = client_for(cast.social_worker).soup(f"/cases/{case.reference}/end/closed").get_text()
    assert "all the same" not in asked
    ends(acting, cast.social_worker, case, ending(undone_reason="Nothing is left"))
    assert rows.scalars(select(CaseClosure.undone_reason)).one() == ""


def test_whoever_worked_on_the_case_of_a_missing_child_hears_that_they_lose_sight_and_later_of_the_return(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: SignIn
) -> None:
    """The police, and social care of the authority that answers for the child, read the report on."""
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    episode = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    ends(acting, cast.social_worker, case, ending(undone_reason=WHY))
    told = of_event(rows, "missing_closed_off", last_word=None)
    assert {who for who, way, _ in told if way == "mail"} == {cast.nurse.id, cast.health_team.id}
    assert client_for(cast.officer).get(f"/missing/{episode.reference}").status_code == 200
    gone = client_for(cast.nurse).get(f"/missing/{episode.reference}", follow_redirects=True).text
    assert "You do not see this now" in gone
    assert f"{cast.officer.name}, {cast.police.name}" in gone, "whom to ring, who made the report"
    mails = select(OutboxMessage.id).filter_by(event="missing_closed_off", recipient_id=cast.nurse.id)
    led = f"/go/{rows.scalars(mails).first()}"
    for person in (cast.stranger, cast.teacher, cast.colleague):
        assert client_for(person).get(led).status_code == 404, person.name
    held = rows.get_one(Case, case.id)
    held.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert cast.officer.name not in client_for(cast.nurse).get(led).text, "held closely since"
    held.sensitivity = int(Sensitivity.NORMAL)
    rows.commit()
    returns(acting, cast.officer, episode)
    heard = {who for who, way, _ in of_event(rows, "missing_returned", last_word=None) if way == "mail"}
    assert cast.nurse.id in heard
