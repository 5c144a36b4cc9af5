"""A meeting on several children, one of them closely held: who would learn of that child is asked first."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.meetings.model import Invitation
from portal.records.people.model import Agency, User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.meetings.calls import make_called_case, read, typed, value
from tests.told import of_event

ClientFor = Callable[[User | None], Client]
CARER = "Carla Quillcarrow"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return make_called_case(rows, cast)


@pytest.fixture
def other(rows: Session, cast: Cast) -> Case:
    """The restricted case of a second child, on which health does not work."""
    found = make_called_case(rows, cast, "Bea")
    found.sensitivity = int(Sensitivity.RESTRICTED)
    left = update(Involvement).filter_by(case_id=found.id, team_id=cast.health_team.id)
    rows.execute(left.values(ended_at=Involvement.started_at, ended_by=cast.coordinator.id))
    rows.commit()
    grant(rows, found, cast.social_worker, by=cast.coordinator)
    return found


def asks(answer: Any) -> str:
    assert answer.status_code == 422, answer.text
    return read(answer).get_text(" ", strip=True)


def again(answer: Any, sent: dict[str, Any]) -> dict[str, Any]:
    return sent | {"learns": value(read(answer), "input[name=learns]"), "may_know": "y"}


def test_who_would_learn_of_a_restricted_child_is_asked_about_before_anybody_is_told(
    rows: Session, cast: Cast, case: Case, other: Case, client_for: ClientFor
) -> None:
    client, address = client_for(cast.social_worker), f"/meetings/call/case/{case.reference}"
    sent = typed(
        cast, other_cases=other.reference, **{"outsiders-0-name": CARER, "outsiders-0-role": "carer"}
    )
    first = client.submit(address, sent)
    said = asks(first)
    assert f"and {CARER} do not read it" in said
    working = (
        f"{cast.police_team.name} ({cast.police.name})",
        f"{cast.health_team.name} ({cast.health.name})",
    )
    assert all(one in said for one in working), "also who works on it and is not named on it"
    assert "would learn the name and the date of birth of Bea" in said
    assert f"{case.reference} is restricted" not in said
    assert not of_event(rows, "meeting_invited")
    more = again(first, sent) | {"people-0-email": cast.teacher.email, "people-0-role": "education"}
    assert cast.teacher.name in asks(client.submit(address, more)), "yes is for those who were named"
    assert client.submit(address, again(first, sent)).status_code == 303
    rows.rollback()
    assert rows.scalars(select(Invitation.external_name).filter_by(role="carer")).all() == [CARER]
    assert client_for(cast.stranger).submit(address, sent).status_code == 404


def test_whoever_reads_both_or_is_invited_to_one_child_alone_is_not_asked_about(
    rows: Session, cast: Cast, case: Case, other: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    later = typed(cast, starts="5pm", ends="6pm")
    for person in (cast.officer, cast.chair):
        grant(rows, other, person, by=cast.coordinator)
    named = {"people-0-email": cast.officer.email, "people-0-role": "police"}
    who_reads = typed(cast, other_cases=other.reference, teams=[], **named)
    answer = client.submit(f"/meetings/call/case/{case.reference}", who_reads)
    assert answer.status_code == 303, answer.text
    assert client.submit(f"/meetings/call/case/{other.reference}", later).status_code == 303


@pytest.mark.parametrize("notes", ["nurse", "coordinator"])
def test_whoever_is_to_chair_or_to_take_the_notes_is_asked_about_too_and_reads_the_whole_case(
    rows: Session, cast: Cast, case: Case, other: Case, client_for: ClientFor, notes: str
) -> None:
    client, address = client_for(cast.social_worker), f"/meetings/call/case/{case.reference}"
    takes_notes: User = getattr(cast, notes)
    sent = typed(cast, other_cases=other.reference, teams=[], reports="", note_taker=str(takes_notes.id))
    first = client.submit(address, sent)
    said = asks(first)
    agency = rows.get_one(Agency, cast.chair.agency_id).name
    assert f"{cast.chair.name} ({agency}, who chairs and would read the whole case)" in said
    reads_it = notes == "coordinator"  # every one of the hub reads a restricted case
    assert ("who takes the notes and would read the whole case" in said) is not reads_it
    rows.rollback()
    assert not rows.scalars(select(AccessGrant.id).filter_by(case_id=other.id, user_id=cast.chair.id)).all()
    assert client.submit(address, again(first, sent)).status_code == 303
    rows.rollback()
    assert rows.scalars(select(AccessGrant.id).filter_by(case_id=other.id, user_id=cast.chair.id)).all()


@pytest.mark.parametrize("part", ["chair", "note_taker"])
def test_so_is_whoever_takes_a_part_over_later(
    rows: Session, cast: Cast, case: Case, other: Case, client_for: ClientFor, part: str
) -> None:
    both = make_meeting(rows, cases=[case, other], chair=cast.chair, note_taker=cast.coordinator)
    for one in (case, other):
        grant(rows, one, cast.chair, by=cast.coordinator)
    client, address = client_for(cast.chair), f"/meetings/{both.reference}/{part.replace('_', '-')}"
    assert "may know who the child is" not in client.soup(address).get_text()
    sent = {part: "", f"{part}_email": cast.nurse.email, "reason": "Is ill", "version": str(both.version)}
    first = client.submit(address, sent)
    assert f"{cast.nurse.name} ({cast.health.name}, who" in asks(first)
    assert "would read the whole case) does not read it" in asks(first)
    reads = select(AccessGrant.id).filter_by(case_id=other.id, user_id=cast.nurse.id)
    rows.rollback()
    assert not rows.scalars(reads).all()
    assert client.submit(address, again(first, sent)).status_code == 303
    rows.rollback()
    assert rows.scalars(reads).all()


def test_whoever_is_invited_later_is_asked_about_too(
    rows: Session, cast: Cast, case: Case, other: Case, client_for: ClientFor
) -> None:
    both = make_meeting(rows, cases=[case, other], chair=cast.chair, note_taker=cast.coordinator)
    for person in (cast.chair, cast.coordinator):
        for one in (case, other):
            grant(rows, one, person, by=cast.coordinator)
    client, address = client_for(cast.chair), f"/meetings/{both.reference}/invite"
    sent, health = {"teams": [str(cast.health_team.id)]}, f"{cast.health_team.name} ({cast.health.name})"
    first = client.submit(address, sent)
    assert f"{other.reference} is restricted. {health} does not read it" in asks(first)
    assert client.submit(address, again(first, sent)).status_code == 303
    rows.rollback()
    invited = rows.scalars(select(Invitation.team_id).filter_by(meeting_id=both.id)).all()
    assert cast.health_team.id in invited
