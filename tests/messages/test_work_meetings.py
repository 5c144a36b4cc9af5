"""My work: my meetings, and the invitations and questions that wait for my answer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import InvitationReply, MeetingState
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.triage import feedback
from portal.vocabulary import ReferralState, Sensitivity
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.children import ask
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.referrals import make_sent_referral

Browser = Callable[[User | None], Client]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    case = make_case(
        rows, make_child(rows, "Amy", "Kowalski"), lead=cast.social_care, opened_by=cast.coordinator
    )
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case) -> Meeting:
    return make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.social_worker)


def under(page: BeautifulSoup, heading: str) -> str:
    """The list below a heading; nothing where there is no such heading."""
    found = page.select_one(f"#{heading}")
    beside = found.find_next("ul", class_="app-page-list") if found else None
    return " ".join(beside.get_text(" ", strip=True).split()) if beside else ""


def test_an_invitation_waits_for_my_answer_and_leads_to_where_i_give_it(
    rows: Session, cast: Cast, client_for: Browser, meeting: Meeting
) -> None:
    invitation = make_invitation(rows, meeting, person=cast.nurse, by=cast.chair)
    page = client_for(cast.nurse).soup("/work")
    waiting = under(page, "waiting")
    assert "Say whether you come" in waiting
    assert "Amy Kowalski" in waiting
    assert page.select(f'a[href="/invitations/{invitation.reference}"]')
    invitation.reply = InvitationReply.COMING
    rows.commit()
    page = client_for(cast.nurse).soup("/work")
    assert not under(page, "waiting")
    coming = under(page, "meetings")
    assert meeting.reference in coming
    assert "Coming" in coming


def test_what_a_team_is_invited_to_waits_for_everybody_in_it_until_somebody_answers(
    rows: Session, cast: Cast, client_for: Browser, meeting: Meeting
) -> None:
    invitation = make_invitation(rows, meeting, team=cast.police_team, by=cast.chair)
    for person in (cast.officer, cast.colleague):
        assert meeting.reference in under(client_for(person).soup("/work"), "waiting"), person.name
    for person in (cast.neighbour, cast.stranger, cast.nurse):
        assert meeting.reference not in client_for(person).soup("/work").get_text(), person.name
    invitation.reply = InvitationReply.APOLOGIES
    rows.commit()
    assert not under(client_for(cast.officer).soup("/work"), "waiting")


@pytest.mark.parametrize("how", ["withdrawn", "cancelled", "over"])
def test_what_is_withdrawn_cancelled_or_over_waits_no_more(
    rows: Session, cast: Cast, client_for: Browser, meeting: Meeting, how: str
) -> None:
    invitation = make_invitation(rows, meeting, person=cast.nurse, by=cast.chair)
    match how:
        case "withdrawn":
            invitation.withdrawn_at = clock.now()
        case "cancelled":
            meeting.state = MeetingState.CANCELLED
        case _:
            meeting.starts_at = clock.now() - timedelta(hours=3)
            meeting.ends_at = clock.now() - timedelta(hours=1)
    rows.commit()
    page = client_for(cast.nurse).soup("/work")
    assert meeting.reference not in page.get_text()


def test_a_meeting_on_a_case_that_was_sealed_since_names_nobody(
    rows: Session, cast: Cast, client_for: Browser, case: Case, meeting: Meeting
) -> None:
    make_invitation(rows, meeting, team=cast.police_team, by=cast.chair)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert "Kowalski" not in client_for(cast.officer).soup("/work").get_text()


def test_a_question_to_my_team_is_due_and_leads_to_where_i_answer_it(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    child = rows.get_one(type(make_child(rows)), case.child_id)
    asked = ask(rows, child, cast.council_team, by=cast.coordinator, question="What do you hold?", case=case)
    due = clock.now() + timedelta(days=1)
    rows.add(
        Deadline(
            id=new_id(), kind=DeadlineKind.INFORMATION_REQUEST, subject_kind="information_request",
            subject_id=asked.id, case_id=case.id, request_id=asked.id, owner_team_id=cast.council_team.id,
            started_at=clock.now(), due_at=due, original_due_at=due, state=DeadlineState.OPEN,
            source="meetings.answer_within", confirmed=False, policy_version="test",
        )
    )  # fmt: skip
    rows.commit()
    page = client_for(cast.community_safety).soup("/work")
    link = page.select_one(f'#list-page a[href="/requests/{asked.reference}"]')
    assert link
    assert "Amy Kowalski" in link.get_text()
    assert asked.reference not in client_for(cast.stranger).soup("/work").get_text()


def test_what_the_hub_asks_on_a_form_waits_for_its_sender_until_they_answer_or_the_hub_goes_on(
    rows: Session, cast: Cast, client_for: Browser, acting: Acting
) -> None:
    form = make_sent_referral(rows, cast.officer, state=ReferralState.IN_TRIAGE)
    by_phone = make_sent_referral(
        rows, cast.coordinator, state=ReferralState.IN_TRIAGE, sender_name="A neighbour", channel="phone"
    )

    def asks(which: Referral) -> None:
        with acting(cast.coordinator) as actor:
            asked = db.session.get_one(Referral, which.id)
            feedback.send_message(actor=actor, referral=asked, text="Which school?", asks_reply=True)
            db.session.commit()

    asks(by_phone)
    answers = f"a[href='/sent/{form.reference}']"
    places = (("/work", "asked"), ("/police", "asked"))
    for ends in ("answer", "hub goes on"):
        assert not client_for(cast.officer).soup("/work").select("#asked")
        asks(form)
        for page, heading in places:
            shown = client_for(cast.officer).soup(page)
            found = shown.select_one(f"#{heading}")
            assert found is not None, page
            lines = found.find_next("ul")
            assert lines is not None
            assert lines.select(answers), page
        assert "about Ada Fictional" in under(client_for(cast.officer).soup("/work"), "asked")
        for other in (cast.colleague, cast.police_manager, cast.coordinator, cast.stranger):
            assert not client_for(other).soup("/work").select("#asked"), other.name
        if ends == "answer":
            client_for(cast.officer).submit(f"/sent/{form.reference}/reply", {"text": "The one in the town"})
        else:
            with acting(cast.coordinator) as actor:
                feedback.stop_waiting(actor=actor, referral=db.session.get_one(Referral, form.id))
                db.session.commit()
    for page, heading in places:
        assert not client_for(cast.officer).soup(page).select(f"#{heading}"), page
