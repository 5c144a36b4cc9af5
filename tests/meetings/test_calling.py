"""Calling a meeting on one page: what is written, who is told, what is kept when something is wrong."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.pathway.calendar import end_of_day, subtract_working_days
from portal.records.cases.model import AccessGrant, Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.meetings.model import Invitation, Meeting, MeetingCase, MeetingPaper
from portal.records.people.model import User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve, make_case
from tests.factories.children import known_child
from tests.meetings.calls import in_days, make_called_case, owe_meeting, read, typed, value
from tests.told import told

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return make_called_case(rows, cast)


def address(case: Case) -> str:
    return f"/meetings/call/case/{case.reference}"


def meetings(rows: Session) -> list[Meeting]:
    rows.rollback()
    return list(rows.scalars(select(Meeting)))


def invited(rows: Session) -> dict[str, Invitation]:
    """Invitations by the role in which somebody comes."""
    return {one.role: one for one in rows.scalars(select(Invitation))}


def count(rows: Session, model: type) -> int:
    rows.rollback()
    return rows.scalar(select(func.count()).select_from(model)) or 0


def test_one_page_calls_the_meeting_invites_asks_for_reports_and_gives_the_chair_the_case(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    summer = date(clock.today().year + 1, 6, 12)
    sent = typed(
        cast,
        day=summer,
        **{
            f"as-{cast.police_team.id}": "other",
            "people-0-email": cast.community_safety.email.upper(),
            "people-0-role": "community_safety",
            "outsiders-0-name": "Carla Quillcarrow",
            "outsiders-0-role": "carer",
        },
    )
    answer = client_for(cast.social_worker).submit(address(case), sent)
    made = meetings(rows)[0]
    assert (answer.status_code, answer.location) == (303, f"/meetings/{made.reference}")
    assert made.starts_at == datetime(summer.year, 6, 12, 13, 30, tzinfo=UTC), (
        "half past two by the clock in summer"
    )
    assert made.ends_at == datetime(summer.year, 6, 12, 15, 0, tzinfo=UTC)
    assert (made.kind, made.place, made.chair_id) == ("first", "Room 1", cast.chair.id)
    assert made.required_sectors == ["social_care", "police", "health"]
    by_role = invited(rows)
    assert set(by_role) == {"chair", "note_taker", "other", "health", "community_safety", "carer"}
    assert (by_role["other"].team_id, by_role["other"].required) == (cast.police_team.id, True)
    assert by_role["community_safety"].user_id == cast.community_safety.id
    assert not by_role["community_safety"].required
    assert (by_role["carer"].external_name, by_role["carer"].agency_id) == ("Carla Quillcarrow", None)
    asked = rows.scalars(select(InformationRequest)).all()
    assert {(one.asked_team_id, one.asked_user_id, one.meeting_id) for one in asked} == {
        (cast.police_team.id, None, made.id),
        (cast.health_team.id, None, made.id),
        (None, cast.community_safety.id, made.id),
    }
    assert {one.due_at.date() for one in asked} == {subtract_working_days(summer, 2)}, (
        "two working days before"
    )
    reading = rows.scalars(select(AccessGrant).where(AccessGrant.kind == GrantKind.MEETING)).all()
    assert {one.user_id for one in reading} == {cast.chair.id, cast.coordinator.id}


def test_everybody_with_an_account_is_told_and_nobody_else(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    more = {"outsiders-0-name": "Carla Quillcarrow", "outsiders-0-role": "carer"}
    client_for(cast.social_worker).submit(address(case), typed(cast, **more))
    found = told(rows, "invited")
    people = {one.recipient_id for one in found} - {None}
    assert {cast.chair.id, cast.coordinator.id, cast.officer.id, cast.nurse.id} <= people
    assert not people & {cast.stranger.id, cast.neighbour.id, cast.teacher.id}
    assert {one.recipient_team_id for one in found} - {None} == {cast.police_team.id, cast.health_team.id}


def test_a_page_that_is_sent_twice_calls_one_meeting_and_asks_once(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    client, sent = client_for(cast.social_worker), typed(cast, papers=["assessment"], papers_reason="First")
    first, second = (client.submit(address(case), sent) for _ in range(2))
    assert first.location == second.location
    assert len(meetings(rows)) == 1
    assert count(rows, InformationRequest) == 2
    assert count(rows, MeetingPaper) == 2


def test_the_page_suggests_what_the_case_owes_who_works_on_it_and_the_chair(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    owe_meeting(rows, case, in_days(8))
    page = client_for(cast.social_worker).soup(address(case))
    due = in_days(8)
    assert f"Hold the meeting By {due.day} {due:%B %Y}" in " ".join(page.get_text(" ").split())
    assert value(page, "#day-day") == str(due.day)
    assert value(page, "input[name=kind][checked]") == "first"
    ticked = {one["value"] for one in page.select("input[name=teams][checked]")}
    assert ticked == {str(one.id) for one in (cast.social_care_team, cast.police_team, cast.health_team)}
    assert "police, health" in page.get_text(" ").casefold().replace("children’s social care, ", "")
    assert "high-level meeting" in page.get_text(" ").casefold()
    assert "Child protection manager or independent chair" in page.get_text(" ")
    assert "not yet confirmed" in page.get_text(" ")
    chairs = client_for(cast.chair).soup(address(case))
    assert value(chairs, "#chair option[selected]") == str(cast.chair.id)


def test_a_line_of_work_that_the_level_needs_and_no_team_brings_is_named(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    case = make_called_case(rows, cast, level="medium")  # medium needs education too
    owe_meeting(rows, case, in_days(8))
    client = client_for(cast.social_worker)
    assert "No team yet for education" in client.soup(address(case)).get_text(" ")
    more = {"teams": [str(cast.school_team.id)], "find": "x", "action": "find"}
    again = read(client.submit(address(case), typed(cast, **more)))
    assert "No team yet for education" not in again.get_text(" ")


def test_a_date_that_was_moved_is_suggested_and_the_first_is_named(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    owe_meeting(rows, case, in_days(8))
    moved = end_of_day(in_days(12))
    rows.execute(update(Deadline).where(Deadline.kind == DeadlineKind.MEETING).values(due_at=moved))
    rows.commit()
    page = client_for(cast.social_worker).soup(address(case))
    assert value(page, "#day-day") == str(in_days(12).day)
    first = in_days(8)
    assert f"first due {first.day} {first:%B %Y}" in page.get_text(" ")


def test_a_date_that_has_passed_is_not_suggested(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    owe_meeting(rows, case, in_days(-3))
    page = client_for(cast.social_worker).soup(address(case))
    assert "It is late" in page.get_text(" ")
    assert not value(page, "#day-day")


@pytest.mark.parametrize(
    ("wrong", "said", "at"),
    [
        ({"kind": ""}, "Choose what kind of meeting it is", "#kind"),
        ({"day-day": "31", "day-month": "2"}, "The day must be a real date", "#day-day"),
        ({"day-year": "2020"}, "still to come", "#day-day"),
        ({"starts": "soon"}, "Enter a time of day, like 14:30", "#starts"),
        ({"starts": "2:30"}, "This is at night", "#starts"),
        ({"ends": "13:00"}, "must end after it starts", "#ends"),
        ({"place": "", "link": ""}, "Enter a place, a link or both", "#place"),
        ({"link": "javascript:alert(1)"}, "Enter the link as it begins", "#link"),
        ({"chair": ""}, "Choose who chairs the meeting", "#chair"),
        ({"chair_email": "nobody@nowhere.example"}, "Nobody who works here", "#chair_email"),
        ({"note_taker": ""}, "Choose who takes the notes", "#note_taker"),
        ({"note_taker": "same as the chair"}, "Choose another person", "#note_taker"),
        (
            {"outsiders-0-name": "Carla Quillcarrow"},
            "Choose as what Carla Quillcarrow comes",
            "#outsiders-0-role",
        ),
        (
            {"people-0-email": "no@no.example", "people-0-role": "other"},
            "Nobody who works here",
            "#people-0-email",
        ),
        ({"papers": ["plan"]}, "Say why the other papers are not needed", "#papers_reason"),
        ({"question": " "}, "Write what you ask", "#question"),
        ({"teams": []}, "Nobody is invited who could be asked", "#reports"),
        ({"other_cases": "CRE-2222-2222"}, "You read no case CRE-2222-2222", "#other_cases"),
        ({"teams": "11111111-1111-1111-1111-111111111111"}, "", "#teams"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_said_beside_it_and_everything_typed_is_kept(
    client_for: ClientFor,
    cast: Cast,
    rows: Session,
    case: Case,
    wrong: dict[str, str],
    said: str,
    at: str,
) -> None:
    if wrong.get("note_taker") == "same as the chair":
        wrong = {"note_taker": str(cast.chair.id)}
    sent = typed(cast, **{"link": "https://meet.example/a", "why": "A reason that was typed"} | wrong)
    answer = client_for(cast.social_worker).submit(address(case), sent)
    assert answer.status_code == 422
    page = read(answer)
    assert page.select_one(f".govuk-error-summary a[href='{at}']"), page.select(".govuk-error-summary a")
    assert page.select_one(at), "the line of the summary leads to something"
    assert said in page.get_text(" ")
    for name in ("starts", "ends", "place", "link", "once", "outsiders-0-name", "other_cases"):
        assert value(page, f"[name='{name}']") == sent.get(name, "")
    assert "A reason that was typed" in page.get_text(" ")
    assert meetings(rows) == []
    assert count(rows, InformationRequest) == 0
    assert told(rows, "invited") == []


def test_a_search_or_one_more_row_keeps_the_page_and_is_no_error(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    client, sent = client_for(cast.social_worker), typed(cast, kind="", find="school")
    page = read(client.submit(address(case), sent | {"action": "find"}))
    assert "There is a problem" not in page.get_text(" ")
    names = " ".join(one.get_text(" ") for one in page.select("#guest-teams"))
    assert "School" in names
    assert "Other council" not in names
    more = read(client.submit(address(case), sent | {"add": "outsiders"}))
    assert more.select_one("[name='outsiders-1-name']")
    assert more.select("[name='outsiders-1-role'] option[value=advocate]")
    assert value(more, "[name=starts]") == "14:30"
    assert meetings(rows) == []


def test_siblings_are_offered_and_share_the_meeting(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    sibling = make_called_case(rows, cast, "Bea")
    hidden = make_called_case(rows, cast, "Cid", sensitivity=Sensitivity.SEALED)
    client = client_for(cast.social_worker)
    page = client.soup(address(case))
    assert [one["value"] for one in page.select("input[name=beside]")] == [sibling.reference]
    assert hidden.reference not in page.get_text(" ")
    client.submit(address(case), typed(cast, beside=sibling.reference))
    on = rows.scalars(select(MeetingCase.case_id)).all()
    assert set(on) == {case.id, sibling.id}
    assert count(rows, InformationRequest) == 4, "each team is asked about each child"


def test_a_case_that_one_does_not_read_is_as_one_that_is_not_there(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    other = make_called_case(rows, cast, "Cid", sensitivity=Sensitivity.SEALED)
    for field in ("other_cases", "beside"):
        answer = client_for(cast.social_worker).submit(address(case), typed(cast, **{field: other.reference}))
        assert answer.status_code == 422
    assert meetings(rows) == []


def test_another_child_is_found_by_name_and_several_by_their_references(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    child = known_child(rows, "Zofriela", "Mgwrzos", by=cast.coordinator)
    other = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    other.lead_professional_id = cast.social_worker.id
    involve(rows, other, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    third = make_called_case(rows, cast, "Cid")
    client = client_for(cast.social_worker)
    asked = client.submit(address(case), typed(cast, other_cases="mgwrzos"))
    assert asked.status_code == 422
    assert "Choose the child whose case it is" in asked.text
    assert other.reference in asked.text
    named = f"{other.reference}, {third.reference}"
    assert client.submit(address(case), typed(cast, other_cases=named)).status_code == 303
    assert set(rows.scalars(select(MeetingCase.case_id))) == {case.id, other.id, third.id}


@pytest.mark.parametrize("sensitivity", [Sensitivity.NORMAL, Sensitivity.RESTRICTED])
def test_another_case_needs_its_own_lead_and_nothing_typed_is_lost(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, sensitivity: Sensitivity
) -> None:
    other = make_called_case(rows, cast, "Bea", lead_professional_id=cast.officer.id)
    other.sensitivity = int(sensitivity)
    rows.commit()
    grant(rows, other, cast.social_worker, by=cast.coordinator)
    client, sent = client_for(cast.social_worker), typed(cast, other_cases=other.reference)
    answer = client.submit(address(case), sent)
    if sensitivity is Sensitivity.RESTRICTED:  # who would learn of the child is asked before
        learns = value(read(answer), "input[name=learns]")
        answer = client.submit(address(case), sent | {"learns": learns, "may_know": "y"})
    assert (answer.status_code, "do not lead one of the other cases" in answer.text) == (422, True)
    assert value(read(answer), "[name=starts]") == "14:30"
    assert meetings(rows) == []


@pytest.mark.parametrize("field", ["chair_email", "note_taker_email"])
def test_whoever_runs_it_has_a_role_that_sees_cases(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, field: str
) -> None:
    sent = typed(cast, **{field: cast.administrator.email})
    answer = client_for(cast.social_worker).submit(address(case), sent)
    assert (answer.status_code, "does not let them see cases" in answer.text) == (422, True)
    assert rows.scalars(select(AccessGrant)).all() == []
    assert meetings(rows) == []


def test_whoever_calls_it_later_than_it_was_due_is_told_so_and_so_is_a_weekend(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    owe_meeting(rows, case, in_days(2))
    saturday = in_days(9 + (5 - in_days(9).weekday()) % 7)
    client = client_for(cast.social_worker)
    answer = client.submit(address(case), typed(cast, day=saturday))
    page = client.soup(answer.location).get_text(" ")
    due = in_days(2)
    assert f"It was due by {due.day} {due:%B %Y}" in page
    assert "Not a working day" in page


def test_to_a_sealed_case_people_are_invited_by_name_only(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for person in (cast.social_worker, cast.coordinator, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    client = client_for(cast.social_worker)
    page = client.soup(address(case))
    assert not page.select("[name=teams]")
    refused = client.submit(address(case), typed(cast))
    assert refused.status_code == 422
    named = {"teams": [], "people-0-email": cast.nurse.email, "people-0-role": "health"}
    assert client.submit(address(case), typed(cast, **named)).status_code == 303
    asked = rows.scalars(select(InformationRequest)).one()
    assert (asked.asked_team_id, asked.asked_user_id) == (None, cast.nurse.id)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 303),
        ("officer", 403),
        ("colleague", 403),
        ("police_manager", 403),
        ("governance", 403),
        ("administrator", 403),
        ("stranger", 404),
        ("neighbour", 404),
        ("former", 404),
    ],
)
def test_nobody_else_calls_a_meeting_on_the_case(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case, who: str | None, status: int
) -> None:
    ended = involve(rows, case, cast.council_team, by=cast.coordinator)
    ended.ended_at = ended.started_at
    rows.commit()
    person = cast.community_safety if who == "former" else getattr(cast, who) if who else None
    client = client_for(person)
    assert client.get(address(case)).status_code == status
    fragment = client.get(
        address(case), headers={"HX-Request": "true", "HX-Target": "div#people", "HX-Request-Type": "partial"}
    )
    assert fragment.status_code == (401 if who is None else status)
    assert "Ada" not in fragment.text
    answer = client.submit(address(case), typed(cast))
    assert answer.status_code == (401 if who is None else status)
    assert meetings(rows) == []


def test_without_the_token_of_the_page_nothing_is_called(
    client_for: ClientFor, cast: Cast, rows: Session, case: Case
) -> None:
    assert client_for(cast.social_worker).post(address(case), data=typed(cast)).status_code == 400
    assert meetings(rows) == []


def test_a_district_has_a_meeting_without_children(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    sent = typed(cast, kind="tasking", district="high_peak", teams=[str(cast.council_team.id)])
    client = client_for(cast.chair)
    page = client.soup("/meetings/call/district")
    assert not page.select("[name=beside], [name=papers], [name=reports]")
    assert client.submit("/meetings/call/district", sent | {"district": ""}).status_code == 422
    assert client.submit("/meetings/call/district", sent).status_code == 303
    made = meetings(rows)[0]
    assert (made.kind, made.district, count(rows, MeetingCase)) == ("tasking", "high_peak", 0)
    assert count(rows, InformationRequest) == 0


@pytest.mark.parametrize("who", ["social_worker", "officer", "police_manager"])
def test_only_coordinators_and_chairs_call_one_on_a_district(
    client_for: ClientFor, cast: Cast, rows: Session, who: str
) -> None:
    client = client_for(getattr(cast, who))
    assert client.get("/meetings/call/district").status_code == 403
    sent = typed(cast, kind="tasking", district="high_peak")
    assert client.submit("/meetings/call/district", sent).status_code == 403
    assert meetings(rows) == []


def test_the_case_leads_to_calling_for_whom_may(client_for: ClientFor, cast: Cast, case: Case) -> None:
    for person, offered in ((cast.social_worker, True), (cast.coordinator, True), (cast.officer, False)):
        page = client_for(person).soup(f"/cases/{case.reference}/meetings")
        assert bool(page.select(f"a[href='{address(case)}']")) is offered
