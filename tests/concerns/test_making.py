"""Something of concern is made from another record in one step: nobody types twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern, ConcernChange, ConcernLink, ConcernNote
from portal.records.entries.vocabulary import Handling
from portal.records.meetings.model import AgendaItem
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Minute
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import VehicleDetails
from portal.records.return_interviews.model import ReturnInterview
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome
from tests.cases.pages import with_entries
from tests.cast import Cast
from tests.client import Client
from tests.concerns.test_pages import told
from tests.factories.cases import add_entry
from tests.factories.concerns import make_concern
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.factories.meetings import make_heading, make_meeting
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import Acting, decide
from tests.triage.test_telling import GRADED

ClientFor = Callable[[User | None], Client]
CAR: dict[str, Any] = {
    "registration": "zz12 zzz",
    "make": "Marrowby",
    "colour": "Silver",
    "notes": "Waits at the gate",
}


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    """A form that names a car beside its child, and says where it is known from."""
    return make_sent_referral(
        rows, cast.teacher, others=[VehicleDetails(**CAR)], source="Old Perrivale next door"
    )


def at(form: Referral, rows: Session) -> str:
    position = rows.scalars(
        select(ReferralSubject.position).where(
            ReferralSubject.referral_id == form.id, ReferralSubject.kind == "vehicle"
        )
    ).one()
    return f"?from={form.reference}&at={position}"


def test_what_a_form_says_is_filled_in_and_recorded_with_a_click(
    rows: Session, cast: Cast, form: Referral, client_for: ClientFor
) -> None:
    client = client_for(cast.coordinator)
    triage = client.soup(f"/triage/{form.reference}")
    [way] = [one["href"] for one in triage.select("a") if "/concerns/new/vehicle" in str(one.get("href"))]
    page = client.soup(str(way))
    typed = {
        str(one["name"]): str(one.get("value") or one.get_text())
        for one in page.select("main form input[type=text], main form textarea")
    }
    assert typed["own_registration"] == "zz12 zzz"
    assert typed["description"].strip() == "Waits at the gate"
    once = {"once": str(uuid4())}
    assert client.submit(str(way), typed | once).status_code == 303
    made = rows.scalars(select(Concern)).one()
    kept = rows.scalars(select(ConcernChange)).one()
    assert (made.details["make"], kept.source_kind, kept.source_id) == ("Marrowby", "referral", form.id)
    history = client_for(cast.officer).soup(f"/concerns/{made.reference}/history").get_text(" ", strip=True)
    assert "Made from an information form" in history
    assert form.reference not in history


def test_where_it_is_known_from_is_not_repeated(
    rows: Session, cast: Cast, form: Referral, client_for: ClientFor
) -> None:
    said = told(own_registration="zz12 zzz", description="Old Perrivale next door saw it")
    answer = client_for(cast.coordinator).submit(f"/concerns/new/vehicle{at(form, rows)}", said)
    assert answer.status_code == 422
    assert "source box" in answer.text
    assert rows.scalars(select(Concern)).all() == []


def test_conditions_of_intelligence_stand_on_what_is_made_of_it_for_all_who_see_it(
    rows: Session, cast: Cast, form: Referral, client_for: ClientFor, acting: Acting
) -> None:
    bound = replace(GRADED, handling_code="C", conditions="Do not print or take copies\nAsk Zorblin first")
    (position,) = rows.scalars(
        select(ReferralSubject.position).filter_by(referral_id=form.id, kind="vehicle")
    )
    kept: dict[str, Any] = {"nature": InformationNature.INTELLIGENCE, "grading": bound}
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.INTELLIGENCE_ONLY, about=[position], **kept)
    said = told(**{f"own_{one}": value for one, value in CAR.items() if one != "notes"}, once=str(uuid4()))
    answer = client_for(cast.coordinator).submit(f"/concerns/new/vehicle{at(form, rows)}", said)
    assert answer.status_code == 303
    for person in (cast.coordinator, cast.colleague):
        for part in ("", "/history"):
            page = client_for(person).soup(f"{answer.location}{part}").get_text(" ", strip=True)
            assert "Do not print or take copies" in page, (person.name, part)
            assert "Ask Zorblin first" in page
    assert client_for(cast.stranger).get(answer.location).status_code == 404
    assert client_for(cast.nurse).get(answer.location).status_code == 404


def test_nobody_makes_anything_of_a_form_that_they_do_not_triage(
    rows: Session, cast: Cast, form: Referral, client_for: ClientFor
) -> None:
    for person in (cast.teacher, cast.officer, cast.nurse):
        answer = client_for(person).get(f"/concerns/new/vehicle{at(form, rows)}")
        assert answer.status_code == 404
        assert "zz12" not in answer.text
    assert client_for(cast.coordinator).get(f"/concerns/new/place{at(form, rows)}").status_code == 404


def test_what_a_form_says_goes_to_the_one_that_is_known(
    rows: Session, cast: Cast, form: Referral, client_for: ClientFor
) -> None:
    known = make_concern(
        rows, cast.officer, kind="vehicle", name="Silver", details=CAR, keys=["reg:ZZ12ZZZ", "half:ZZ12"]
    )
    client, way = client_for(cast.coordinator), f"/concerns/new/vehicle{at(form, rows)}"
    assert "Same registration" in client.soup(way).get_text()
    said = told(own_registration="zz12 zzz", description="Waits at the gate", use=known.reference)
    assert client.submit(way, said).location == f"/concerns/{known.reference}"
    assert rows.scalars(select(ConcernNote.text)).all() == ["Waits at the gate"]
    assert len(rows.scalars(select(Concern)).all()) == 1


def test_an_interview_names_a_place_and_its_child(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    interview = ReturnInterview(
        id=new_id(),
        reference=new_reference(Prefix.INTERVIEW),
        child_id=case.child_id,
        agency_id=cast.social_care.id,
        team_id=cast.social_care_team.id,
        opened_by=cast.social_worker.id,
        opened_at=clock.now(),
        answers={"where": {"text": "The Zubrowka Arcade by the canal"}},
        policy_version="test",
    )
    rows.add(interview)
    rows.commit()
    client = client_for(cast.social_worker)
    way = f"/concerns/new/place?from={interview.reference}"
    page = client.soup(way)
    assert "The Zubrowka Arcade by the canal" in page.get_text()
    child = rows.get_one(Child, case.child_id)
    said = told(name="Zubrowka Arcade", children=child.reference)
    refused = client.submit(way, said)
    assert refused.status_code == 422
    assert client.submit(way, said | {"child_role": "taken_there"}).status_code == 303
    made = rows.scalars(select(ConcernLink)).one()
    assert (made.child_id, made.role, made.source_kind) == (child.id, "taken_there", "return_interview")
    assert client_for(cast.teacher).get(way).status_code == 404


def test_an_entry_and_the_case_lead_to_the_child(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    entry = add_entry(rows, case, cast.officer, "He was seen at Zubrowka")
    own = add_entry(rows, case, cast.officer, "Only the police know Perrivale", handling=Handling.OWN)
    client = client_for(cast.officer)
    ways = [
        str(one["href"]) for one in with_entries(client, case.reference).select("a[href*='/concerns/new']")
    ]
    assert len(ways) == 2
    page = client.soup(f"/concerns/new/place?from={case.reference}&part={entry.id}")
    assert "He was seen at Zubrowka" in page.get_text()
    assert "says is filled in" in page.get_text()
    page = client.soup(f"/concerns/new/place?from={case.reference}&part={own.id}")
    assert "Perrivale" not in page.get_text()
    assert "Nothing is filled in from" in page.get_text()
    assert "says is filled in" not in page.get_text()
    place = f"/concerns/new/place?from={case.reference}"
    child = rows.get_one(Child, case.child_id)
    assert child.family_name in client.soup(place).get_text()
    assert client_for(cast.neighbour).get(place).status_code == 404
    assert client_for(cast.nurse).get(f"{place}&part={own.id}").status_code == 404


@pytest.mark.parametrize("condition", ["Do not pass on without asking the hub", READING_ONLY])
def test_of_an_entry_that_may_not_be_passed_on_nothing_is_recorded_in_whatever_words(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, condition: str
) -> None:
    words = "He meets a man called Perrivale behind the arcade on Friday nights"
    entry = add_entry(rows, case, cast.officer, words)
    make_grading(rows, entry, cast.officer, condition)
    client, child = client_for(cast.nurse), rows.get_one(Child, case.child_id)
    way, refused = f"/concerns/new/place?from={case.reference}&part={entry.id}", "may not be passed on"
    opened = client.get(way, follow_redirects=True)
    assert opened.request.path == f"/cases/{case.reference}"
    assert refused in opened.text
    assert not with_entries(client, case.reference).select(f"a[href*='part={entry.id}']")
    known = make_concern(rows, cast.nurse, name="Arcade")
    for said in (
        told(name="Arcade", description=words, children=child.reference, child_role="seen_there"),
        told(name="Flat", description="Something is to be there", children=[], child_role=""),
        told(name="Flat", description="As the police say", use=known.reference, children=[], child_role=""),
    ):
        answer = client.submit(way, said | {"looked": "yes"})
        assert answer.status_code == 422, said
        assert refused in answer.text
        assert said["description"] in answer.text
    assert [one.name for one in rows.scalars(select(Concern))] == ["Arcade"]
    assert not rows.scalars(select(ConcernNote)).all()
    typed_again = told(name="Arcade", description=words, children=child.reference, child_role="seen_there")
    by_hand = client.submit(f"/concerns/new/place?from={case.reference}", typed_again | {"looked": "yes"})
    assert by_hand.status_code == 422
    assert "Take out" in by_hand.text
    assert client_for(cast.officer).get(way).status_code == 200, "those whose words they are may use them"
    assert client_for(cast.stranger).get(way).status_code == 404


def test_minutes_name_a_place(rows: Session, cast: Cast, case: Case, client_for: ClientFor) -> None:
    met = make_meeting(
        rows,
        cases=[case],
        chair=cast.chair,
        note_taker=cast.coordinator,
        state=MeetingState.MINUTES_IN_DRAFT,
        starts_at=clock.now() - timedelta(days=1),
    )
    item: AgendaItem = make_heading(rows, met, case)
    rows.add(
        Minute(
            id=new_id(),
            meeting_id=met.id,
            item_id=item.id,
            case_id=case.id,
            text="The Zubrowka Arcade was named again",
            saved_by=cast.coordinator.id,
            saved_at=clock.now(),
        )
    )
    rows.commit()
    client = client_for(cast.officer)
    ways = [
        str(one["href"])
        for one in client.soup(f"/meetings/{met.reference}/minutes").select("a[href*='/concerns/new']")
    ]
    assert len(ways) == 1
    page = client.soup(f"/concerns/new/place?from={met.reference}&part={item.id}")
    assert "The Zubrowka Arcade was named again" in page.get_text()
    assert (
        client_for(cast.neighbour).get(f"/concerns/new/place?from={met.reference}&part={item.id}").status_code
        == 404
    )
