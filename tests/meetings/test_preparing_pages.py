"""The pages on which a meeting is prepared, and what is handed out: papers, agenda, handouts."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.meetings.model import AgendaItem, Invitation, Meeting, MeetingHandout, MeetingPaper
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert, grant, involve, make_case, make_child
from tests.factories.children import ask
from tests.factories.meetings import make_heading, make_invitation, make_meeting
from tests.meetings.days import Day, make_day

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast)


@pytest.fixture
def sibling(rows: Session, cast: Cast) -> Case:
    """A case that police do not read."""
    return make_case(
        rows, make_child(rows, "Bea", "Otherwise"), lead=cast.social_care, opened_by=cast.coordinator
    )


@pytest.fixture
def both(rows: Session, cast: Cast, day: Day, sibling: Case) -> Meeting:
    """A meeting on two siblings, to which their mother is invited."""
    return make_meeting(rows, cases=[day.case, sibling], chair=cast.chair, note_taker=cast.coordinator)


def place(meeting: Meeting, *parts: object) -> str:
    return "/".join(("/meetings", meeting.reference, *map(str, parts)))


def words(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


def all_of(rows: Session, kind: type[Any]) -> list[Any]:
    rows.rollback()
    rows.expire_all()
    return rows.query(kind).all()


def marks(**marked: str) -> dict[str, str]:
    """The form of papers as it is first sent: those named, and the others not there yet."""
    kinds = ("assessment", "chronology", "plan")
    sent = {f"{kind}-{part}": "missing" for kind in kinds for part in ("mark", "seen")}
    sent |= {f"{kind}-version": "0" for kind in kinds}
    return sent | {key.replace("_", "-"): value for key, value in marked.items()}


# Papers


def test_a_paper_is_there_or_not_needed_and_says_why(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    chair = client_for(cast.chair)
    page = place(day.meeting, "papers", day.case.reference)
    sent = marks(assessment_mark="there", plan_mark="not_needed", plan_reason="First meeting")
    assert chair.submit(page, sent).status_code == 303
    shown = words(chair.soup(place(day.meeting)))
    assert "Risk assessment There Marked by Chas Chair" in shown
    assert "Plan so far Not needed First meeting" in shown
    assert "Chronology No entries that you read The pack has what other records say" in shown
    again = marks(assessment_version="1", assessment_seen="there", plan_mark="there")
    assert chair.submit(page, {**again, "plan-version": "1"}).status_code == 303
    after = words(chair.soup(place(day.meeting)))
    assert "Risk assessment Not there yet" in after, "missing after all"
    assert "Plan so far There" in after


def test_a_paper_that_is_not_needed_has_a_reason(cast: Cast, day: Day, client_for: ClientFor) -> None:
    page = place(day.meeting, "papers", day.case.reference)
    answer = client_for(cast.chair).submit(page, marks(plan_mark="not_needed"))
    assert answer.status_code == 422
    assert "Say why it is not needed" in answer.text


def test_of_two_people_who_say_different_things_of_a_paper_the_second_sees_both(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    page = place(day.meeting, "papers", day.case.reference)
    client_for(cast.coordinator).submit(page, marks(plan_mark="there"))
    assert client_for(cast.chair).submit(page, marks(chronology_mark="there")).status_code == 303
    late = marks(plan_mark="not_needed", plan_reason="First meeting")
    answer = client_for(cast.chair).submit(page, late)
    assert answer.status_code == 409
    assert "Somebody else changed this first" in answer.text
    kept = all_of(rows, MeetingPaper)
    assert {(one.kind, one.received_at is not None) for one in kept} == {("plan", True), ("chronology", True)}


def test_a_report_shows_whom_it_was_asked_of_and_leads_to_the_question(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    asked = ask(
        rows,
        rows.get_one(Child, day.case.child_id),
        cast.health_team,
        by=cast.chair,
        case=day.case,
        meeting=day.meeting,
    )
    page = client_for(cast.chair).soup(place(day.meeting))
    link = page.find("a", href=f"/requests/{asked.reference}")
    assert link is not None
    assert "Not there yet" in words(page)
    asked.answered_at = clock.now()
    rows.commit()
    assert f"{link.get_text()} {cast.health.name} Answered" in words(
        client_for(cast.chair).soup(place(day.meeting))
    )


def test_papers_on_a_case_that_the_meeting_is_not_on_are_not_to_be_found(
    rows: Session, cast: Cast, day: Day, sibling: Case, client_for: ClientFor
) -> None:
    chair = client_for(cast.coordinator)
    for reference in (sibling.reference, "CRE-0000-0000", "nonsense"):
        page = place(day.meeting, "papers", reference)
        assert chair.get(page).status_code == 404
        assert chair.submit(page, marks(plan_mark="there")).status_code == 404
    assert not all_of(rows, MeetingPaper)


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("community_safety", 403), ("stranger", 404)])
def test_papers_are_marked_by_whoever_runs_the_meeting(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor, who: str, status: int
) -> None:
    client, page = client_for(getattr(cast, who)), place(day.meeting, "papers", day.case.reference)
    assert client.get(page).status_code == status
    assert client.submit(page, marks(plan_mark="there")).status_code == status
    assert not all_of(rows, MeetingPaper)


# The agenda


def test_a_heading_is_added_moved_said_otherwise_and_taken_off(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    chair, page = client_for(cast.chair), place(day.meeting, "agenda")
    make_heading(rows, day.meeting, heading="Why we meet")
    assert chair.submit(page, {"heading": "Holidays", "about": ""}).status_code == 303
    item = next(one for one in all_of(rows, AgendaItem) if one.heading == "Holidays")
    chair.submit(f"{page}/{item.id}/move", {"direction": "up"})
    assert "Holidays Why we meet" in words(listed(chair, day.meeting))
    chair.submit(f"{page}/{item.id}", {"heading": "Safe holidays", "version": str(item.version)})
    assert "Safe holidays Why we meet" in words(listed(chair, day.meeting))
    assert chair.submit(f"{page}/{item.id}/remove").status_code == 303
    assert "holidays" not in words(listed(chair, day.meeting))
    assert chair.submit(f"{page}/{item.id}/remove").status_code == 404, "it is gone"


def listed(client: Client, meeting: Meeting) -> BeautifulSoup:
    found = client.soup(place(meeting)).select_one("section[aria-labelledby=agenda] ol")
    assert found is not None
    return BeautifulSoup(str(found), "html.parser")


def test_a_heading_on_a_sibling_is_not_shown_offered_or_changed_by_those_who_do_not_read_their_case(
    rows: Session, cast: Cast, day: Day, sibling: Case, both: Meeting, client_for: ClientFor
) -> None:
    make_heading(rows, both, heading="Why we meet")
    item = make_heading(rows, both, sibling, "What Bea says")
    assert "Bea" not in client_for(cast.officer).get(place(both)).text
    assert "What Bea says: Bea Otherwise" in words(client_for(cast.chair).soup(place(both)))
    row = rows.get_one(Case, day.case.id)
    row.lead_professional_id = cast.officer.id  # who may run the meeting by the one case
    rows.commit()
    lead, page = client_for(cast.officer), place(both, "agenda")
    assert "Bea" not in lead.soup(page).get_text()
    assert lead.get(f"{page}/{item.id}").status_code == 404
    assert lead.submit(f"{page}/{item.id}/remove").status_code == 404
    assert lead.submit(page, {"heading": "x", "about": str(sibling.id)}).status_code == 422
    assert {one.heading for one in all_of(rows, AgendaItem)} == {"Why we meet", "What Bea says"}


def test_a_heading_of_another_meeting_is_not_to_be_found(
    rows: Session, cast: Cast, day: Day, both: Meeting, client_for: ClientFor
) -> None:
    item = make_heading(rows, both)
    chair, page = client_for(cast.chair), place(day.meeting, "agenda", item.id)
    assert chair.get(page).status_code == 404
    for act in ("", "/move", "/remove"):
        assert chair.submit(page + act, {"heading": "x"}).status_code == 404


def test_the_agenda_of_a_cancelled_meeting_is_closed(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    day = make_day(rows, cast, state=MeetingState.CANCELLED)
    coordinator = client_for(cast.coordinator)
    assert "is closed" in words(coordinator.soup(place(day.meeting, "agenda")))
    assert coordinator.submit(place(day.meeting, "agenda"), {"heading": "x"}).status_code == 422
    assert not all_of(rows, AgendaItem)


# What is handed out


def handing(to: Invitation, **other: Any) -> dict[str, Any]:
    today = clock.today()
    when = {"on-day": today.day, "on-month": today.month, "on-year": today.year}
    return {"to": str(to.id), "what": "The safety plan", "way": "in_person", **when, **other}


def test_what_was_handed_out_is_on_the_page_of_the_meeting(
    cast: Cast, day: Day, client_for: ClientFor
) -> None:
    chair = client_for(cast.chair)
    assert "Nothing is on record" in words(chair.soup(place(day.meeting)))
    assert chair.submit(place(day.meeting, "hand-out"), handing(day.carer)).status_code == 303
    shown = words(chair.soup(place(day.meeting)))
    assert "Carla Quillcarrow Parent or carer The safety plan" in shown
    assert "by Chas Chair" in shown


def test_a_form_that_is_sent_again_is_one_record(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    chair = client_for(cast.chair)
    for _ in range(2):
        assert chair.submit(place(day.meeting, "hand-out"), handing(day.carer)).status_code == 303
    assert len(all_of(rows, MeetingHandout)) == 1


def test_what_was_handed_out_about_a_sibling_is_seen_by_those_who_read_their_case(
    rows: Session, cast: Cast, sibling: Case, both: Meeting, client_for: ClientFor
) -> None:
    carer = make_invitation(rows, both, outside="Carla Quillcarrow", role="carer", by=cast.chair)
    chair, page = client_for(cast.chair), place(both, "hand-out")
    assert chair.submit(page, handing(carer)).status_code == 422, "which child is it about?"
    sent = handing(carer, children=[str(sibling.id)], what="The plan for Bea")
    assert chair.submit(page, sent).status_code == 303
    assert "The plan for Bea" in chair.get(place(both)).text
    officer = client_for(cast.officer).get(place(both)).text
    assert "Carla Quillcarrow" in officer, "the meeting is shared"
    assert "Bea" not in officer


def test_an_alert_about_the_family_is_on_the_page_and_stops_the_form(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    add_alert(rows, day.case, cast.social_worker)
    chair, page = client_for(cast.chair), place(day.meeting, "hand-out")
    assert "nothing is handed to the child" in words(chair.soup(page))
    assert chair.submit(page, handing(day.carer)).status_code == 422
    assert not all_of(rows, MeetingHandout)


def test_nobody_of_another_meeting_or_with_an_account_can_be_chosen(
    rows: Session, cast: Cast, day: Day, client_for: ClientFor
) -> None:
    other = make_day(rows, cast)
    for one in (other.carer, day.health):
        answer = client_for(cast.chair).submit(place(day.meeting, "hand-out"), handing(one))
        assert answer.status_code == 422
    assert not all_of(rows, MeetingHandout)


def test_whoever_reads_only_a_sibling_of_a_sealed_child_sees_nothing_of_the_day(
    rows: Session, cast: Cast, sibling: Case, both: Meeting, client_for: ClientFor
) -> None:
    carer = make_invitation(rows, both, outside="Carla Quillcarrow", role="carer", by=cast.chair)
    client_for(cast.chair).submit(place(both, "hand-out"), handing(carer, children=[str(sibling.id)]))
    rows.get_one(Case, sibling.id).sensitivity = 2
    rows.commit()
    officer = client_for(cast.officer)
    page = officer.get(place(both))
    assert page.status_code == 200
    for word in ("Carla", "Bea", "The safety plan", "attendance", "hand-out"):
        assert word not in page.text
    for part in ("attendance", "agenda", "hand-out"):
        assert officer.get(place(both, part)).status_code in {403, 404}


def test_of_a_restricted_child_among_several_only_those_are_asked_who_know_of_the_case(
    rows: Session, cast: Cast, both: Meeting, day: Day, sibling: Case, client_for: ClientFor
) -> None:
    """A question names the child, its date of birth and its NHS number."""
    involve(rows, sibling, cast.police_team, by=cast.coordinator)
    grant(rows, sibling, cast.nurse, by=cast.coordinator)
    grant(rows, sibling, cast.coordinator, by=cast.coordinator)
    for team, role in ((cast.police_team, "police"), (cast.council_team, "council")):
        make_invitation(rows, both, by=cast.chair, team=team, role=role)
    for person in (cast.nurse, cast.teacher):
        make_invitation(rows, both, by=cast.chair, person=person)
    rows.get_one(Case, sibling.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    chair, address = client_for(cast.coordinator), place(both, "reports")
    page = words(chair.soup(address))
    assert chair.submit(address, {"question": "What do you know?", "why": "They meet"}).status_code == 303
    asked: dict[Any, set[Any]] = {day.case.id: set(), sibling.id: set()}
    for one in all_of(rows, InformationRequest):
        asked[one.case_id].add(one.asked_team_id or one.asked_user_id)
    assert asked[sibling.id] == {cast.police_team.id, cast.nurse.id}, page
    assert asked[day.case.id] == {cast.police_team.id, cast.council_team.id, cast.nurse.id, cast.teacher.id}
    assert "Bea Otherwise" not in client_for(cast.community_safety).get("/requests").text
