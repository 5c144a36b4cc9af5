"""Telling teams of a child whose case is sealed is asked about, and brings no team onto that case."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.changes.errors import DomainError
from portal.extensions import db
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.triage import decisions
from portal.records.triage.child_match import recognise
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve, make_case, make_child
from tests.triage.conftest import Acting
from tests.triage.test_telling import found

Browser = Callable[[User | None], Client]
WORDS = "Everybody in the teams that I chose may know"


@pytest.fixture
def case(rows: Session, cast: Cast, acting: Acting, form: Referral) -> Case:
    """Of the first child on the form, with a team on it; the coordinator is named on it."""
    child = make_child(rows, "Sorrelby", "Thackeroy")
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    rows.commit()
    with acting(cast.coordinator) as actor:
        first = db.session.scalars(select(ReferralSubject).filter_by(referral_id=form.id, position=1)).one()
        known = db.session.get_one(Child, child.id)
        recognise(actor=actor, referral=found(actor, form), subject=first, child=known)
    return case


def sealed(rows: Session, case: Case) -> None:
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()


def tells(page: Client, form: Referral, cast: Cast, **more: str) -> str:
    """The text of the answer to telling the health team."""
    address = f"/triage/{form.reference}/tell?about=1"
    once = page.soup(address).find("input", attrs={"name": "once"})
    assert once is not None
    sent = {"teams": [str(cast.health_team.id)], "decision": "share", "text": "Look out", "reason": "To help"}
    sent |= {
        "purpose": "protect_child",
        "basis": "public_task",
        "family_told": "yes",
        "once": str(once["value"]),
    }
    answer = page.submit(address, sent | more)
    return (
        answer.text if answer.status_code != 303 else page.soup(answer.location.split("#")[0]).get_text(" ")
    )


def test_whoever_tells_a_team_of_a_sealed_child_says_that_all_of_it_may_know(
    rows: Session, cast: Cast, form: Referral, case: Case, client_for: Browser
) -> None:
    hub, page = client_for(cast.coordinator), f"/triage/{form.reference}/tell?about=1"
    assert WORDS not in hub.soup(page).get_text()
    open_to_teams = hub.soup(page)
    assert open_to_teams.find("input", attrs={"name": "cases", "value": case.reference}) is not None
    assert open_to_teams.find("input", attrs={"name": "decision", "value": "only_add"}) is not None
    sealed(rows, case)
    seen = hub.soup(page)
    assert "The case of Sorrelby Thackeroy is sealed" in " ".join(seen.get_text(" ").split())
    assert seen.find("input", attrs={"name": "cases", "value": case.reference}) is None
    assert seen.find("input", attrs={"name": "decision", "value": "only_add"}) is None, (
        "there is no case to add to"
    )
    refused = tells(hub, form, cast)
    assert "Say that everybody in these teams may know, or tell people by name" in refused
    assert "Look out" in refused, "what was typed stays"
    assert not rows.scalars(select(Disclosure)).all()
    tells(hub, form, cast, knows_sealed="y")
    rows.rollback()
    made = rows.scalars(select(Disclosure)).one()
    number = rows.get_one(Team, made.receiver_team_id).duty_phone
    assert number
    withdrawing = hub.soup(f"/triage/{form.reference}/told/{made.reference}/withdraw").get_text(
        " ", strip=True
    )
    assert f"Ring them if they may have acted on it: {number}." in withdrawing


def test_no_team_is_added_to_a_sealed_case_and_one_that_is_there_is_not_said_to_be_added(
    rows: Session, cast: Cast, form: Referral, case: Case, acting: Acting, client_for: Browser
) -> None:
    said = tells(client_for(cast.coordinator), form, cast, cases=case.reference)
    assert "on it already" in said
    assert f"{cast.health_team.name} added to the case" not in said
    sealed(rows, case)
    before = len(rows.scalars(select(Involvement)).all())
    with acting(cast.coordinator) as actor:
        of = db.session.get_one(Case, case.id)
        team, held = db.session.get_one(Team, cast.health_team.id), found(actor, form)
        with pytest.raises(DomainError, match="sealed case has no teams"):
            decisions.join(actor=actor, referral=held, case=of, team=team, reason="x")
    rows.rollback()
    assert len(rows.scalars(select(Involvement)).all()) == before


def test_the_cases_of_other_children_on_the_form_are_not_offered(
    rows: Session, cast: Cast, form: Referral, case: Case, client_for: Browser
) -> None:
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/tell?about=2")
    assert page.find("input", attrs={"name": "cases", "value": case.reference}) is None
