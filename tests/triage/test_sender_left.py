"""The hub waits for an answer of a sender who has left: who hears of it, and what pages say."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.records.people import keeping, roles
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.vocabulary import ReferralState, Role, Sensitivity
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.referrals import make_sent_referral
from tests.told import of_event, page_words
from tests.triage.conftest import Acting

LEFT, WORK, MAIL = "form_sender_left", "work_left", "mail"
WAITS = "Forms that they sent and on which the hub waits for their answer: 1"


def waiting(rows: Session, cast: Cast, holder: User | None, **facts: Any) -> Referral:
    """A form of the officer’s, for their team, on which a coordinator, or nobody any more, waits for them."""
    form = make_sent_referral(
        rows,
        cast.officer,
        state=ReferralState.WAITING_FOR_SENDER,
        **facts,
    )
    form.claimed_by = holder.id if holder else None
    duty = rows.scalars(select(Deadline).filter_by(referral_id=form.id, kind=DeadlineKind.TRIAGE)).one()
    if holder:
        duty.owner_id, duty.owner_team_id, duty.owner_agency_id = holder.id, None, None
    team = rows.get_one(Team, cast.police_team.id)
    team.manager_id, team.duty_phone = cast.police_manager.id, "01632 960 777"
    rows.commit()
    return form


def leaves(acting: Acting, cast: Cast) -> str:
    with acting(cast.administrator) as actor:
        keeping.switch_off(actor=actor, user_id=cast.officer.id, reason="Left", later=True)
        return page_words()


def test_whoever_has_the_form_and_the_manager_hear_that_nobody_answers(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    waiting(rows, cast, cast.second_coordinator)
    make_sent_referral(rows, cast.officer, state=ReferralState.IN_TRIAGE)
    said = leaves(acting, cast)
    assert of_event(rows, LEFT) == {(cast.second_coordinator.id, MAIL, LEFT)}
    assert (cast.police_manager.id, MAIL, WORK) in of_event(rows, WORK)
    assert cast.second_coordinator.name not in said, "who waits for them is not for an administrator to know"


def test_of_a_form_that_nobody_has_the_hub_hears_it(rows: Session, cast: Cast, acting: Acting) -> None:
    waiting(rows, cast, None)
    leaves(acting, cast)
    assert (cast.hub_team.id, MAIL, LEFT) in of_event(rows, LEFT)


def test_nobody_hears_of_what_a_coordinator_entered_for_somebody_else(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    waiting(rows, cast, cast.second_coordinator, sender_name="Nights at the hotel")
    leaves(acting, cast)
    assert of_event(rows, LEFT) == set()


def test_likewise_of_somebody_who_sees_no_cases_any_more(rows: Session, cast: Cast, acting: Acting) -> None:
    waiting(rows, cast, cast.second_coordinator)
    with acting(cast.administrator) as actor:
        change = roles.ask(actor=actor, user_id=cast.officer.id, roles=(Role.GOVERNANCE,)).id
    with acting(cast.second_administrator) as actor:
        roles.confirm(actor=actor, change_id=change)
    assert of_event(rows, LEFT) == {(cast.second_coordinator.id, MAIL, LEFT)}


def test_the_page_of_the_form_says_that_they_have_left_and_whom_to_ring(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    form = waiting(rows, cast, cast.coordinator)
    address = f"/triage/{form.reference}"
    assert "Nobody answers" not in client_for(cast.coordinator).soup(address).get_text()
    leaves(acting, cast)
    page = client_for(cast.coordinator).soup(address).get_text()
    assert f"{cast.officer.name} (has left)" in page
    assert f"Ring {cast.police_team.name} (01632 960 777) if somebody else there may know" in page
    sent = client_for(cast.police_manager).soup(f"/sent/{form.reference}").get_text()
    assert f"{cast.officer.name} has left and cannot answer" in sent


def test_of_a_form_about_a_colleague_nobody_asks_their_team_and_no_list_counts_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    form = waiting(rows, cast, cast.coordinator, concerns_colleague=True)
    leaves(acting, cast)
    assert of_event(rows, WORK) == set()
    assert of_event(rows, LEFT) == {(cast.coordinator.id, MAIL, LEFT)}
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}").get_text()
    assert "do not ask their team" in page
    assert "01632 960 777) if" not in page


@pytest.mark.parametrize("who", ["police_manager", "coordinator"])
def test_the_list_of_what_they_held_has_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, who: str
) -> None:
    waiting(rows, cast, cast.second_coordinator)
    leaves(acting, cast)
    page = client_for(getattr(cast, who)).soup(f"/work/people/{cast.officer.id}").get_text()
    assert WAITS in page
    assert "ring the hub" in page


def test_of_a_form_on_a_sealed_child_only_who_is_named_there_at_the_hub_hears_and_counts_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    child = make_child(rows)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    form = waiting(rows, cast, cast.coordinator)
    subject = rows.scalars(select(ReferralSubject).filter_by(referral_id=form.id)).one()
    rows.add(
        ReferralChild(subject_id=subject.id, referral_id=form.id, child_id=child.id, matched_at=clock.now())
    )
    rows.commit()
    leaves(acting, cast)
    assert of_event(rows, LEFT) == {(cast.coordinator.id, MAIL, LEFT)}
    # The manager sees it as every form of their team, and not that it is for few.
    for one, counts in ((cast.police_manager, True), (cast.second_coordinator, False)):
        page = client_for(one).soup(f"/work/people/{cast.officer.id}").get_text()
        assert (WAITS in page) is counts
