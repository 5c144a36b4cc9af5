"""Somebody who is to chair while they are at another meeting: a question that can be answered, no refusal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading.calls import elsewhere
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model import User
from portal.web.choices import clock_words
from portal.web.date_boxes import posted
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting
from tests.meetings.calls import make_called_case, read, typed, value

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return make_called_case(rows, cast)


def other_meeting(rows: Session, cast: Cast, *cases: Case, chair: User, **facts: Any) -> Meeting:
    """A meeting from three until four on the day for which the page calls one."""
    on = clock.local(clock.now() + timedelta(days=9)).replace(hour=15, minute=0, second=0, microsecond=0)
    when = {"starts_at": on, "ends_at": on + timedelta(hours=1)}
    return make_meeting(rows, cases=cases, chair=chair, note_taker=cast.coordinator, **(when | facts))


def elsewhere_case(rows: Session, cast: Cast) -> Case:
    """A case that the social worker does not read."""
    return make_case(rows, make_child(rows, "Ben", "Zwelk"), lead=cast.hub, opened_by=cast.coordinator)


def again(page: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """The same page, the question answered."""
    return sent | {"asked": value(page, "input[name=asked]"), "all_the_same": "y"}


def calls(client: Client, case: Case, sent: dict[str, Any]) -> Any:
    return client.submit(f"/meetings/call/case/{case.reference}", sent)


def test_of_a_meeting_that_one_may_not_know_it_is_said_that_there_is_one_and_yes_is_an_answer(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = other_meeting(rows, cast, elsewhere_case(rows, cast), chair=cast.chair)
    client, sent = client_for(cast.social_worker), typed(cast)
    asked = calls(client, case, sent)
    page = read(asked)
    assert asked.status_code == 422
    assert f"{cast.chair.name} is at another meeting at that time. Is that right?" in page.get_text(
        " ", strip=True
    )
    for hidden in (other.reference, "Ben", "Zwelk"):
        assert hidden not in asked.text
    assert value(page, "input[name=place]") == "Room 1", "nothing typed is lost"
    assert calls(client, case, again(page, sent)).status_code == 303
    rows.rollback()
    assert len(rows.scalars(select(Meeting)).all()) == 2
    sent_twice = calls(client, case, again(page, sent))
    assert sent_twice.status_code == 303, "the one that was just called is no other meeting"
    rows.rollback()
    assert len(rows.scalars(select(Meeting)).all()) == 2


def test_whoever_may_know_it_is_told_which_and_an_answer_is_for_one_person_and_time(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = other_meeting(rows, cast, case, chair=cast.chair)
    client, sent = client_for(cast.social_worker), typed(cast)
    page = read(calls(client, case, sent))
    says = f"{cast.chair.name} chairs or is invited to {other.reference} at that time. Is that right?"
    assert says in page.get_text(" ", strip=True)
    later = again(page, sent) | {"starts": "15:30", "ends": "16:30"}
    asked = calls(client, case, later)
    assert asked.status_code == 422, "another time is another question"
    assert not read(asked).select_one("input[name=all_the_same][checked]")
    free = again(page, sent) | {"starts": "16:00", "ends": "17:00"}
    assert calls(client, case, free).status_code == 303, "from its end on they are free"


@pytest.mark.parametrize(
    "reply", [InvitationReply.WAITING, InvitationReply.COMING, InvitationReply.APOLOGIES]
)
def test_somebody_who_is_invited_is_there_unless_they_sent_apologies(
    rows: Session, cast: Cast, case: Case, acting: Acting, reply: InvitationReply
) -> None:
    other = other_meeting(rows, cast, case, chair=cast.officer)
    make_invitation(rows, other, person=cast.chair, by=cast.coordinator, reply=reply)
    rows.commit()
    with acting(cast.social_worker):
        when = {"starts_at": other.starts_at, "ends_at": other.ends_at}
        found = elsewhere(person_id=cast.chair.id, **when, but=None)
        assert found == ([] if reply is InvitationReply.APOLOGIES else [other.reference])
        assert elsewhere(person_id=cast.chair.id, **when, but=other.id) == []
        assert elsewhere(person_id=cast.nurse.id, **when, but=None) == []
    with acting(cast.stranger):
        assert elsewhere(person_id=cast.chair.id, **when, but=None) == (
            [] if reply is InvitationReply.APOLOGIES else [""]
        )


def test_a_meeting_that_is_cancelled_or_whose_chair_sends_somebody_keeps_nobody(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    other = other_meeting(rows, cast, case, chair=cast.officer)
    make_invitation(
        rows, other, person=cast.chair, by=cast.coordinator, reply=InvitationReply.DEPUTY, comes=cast.nurse
    )
    rows.commit()
    when = {"starts_at": other.starts_at, "ends_at": other.ends_at}
    with acting(cast.social_worker):
        assert elsewhere(person_id=cast.chair.id, **when, but=None) == []
        assert elsewhere(person_id=cast.nurse.id, **when, but=None) == [other.reference]
    rows.get_one(Meeting, other.id).state = "cancelled"
    rows.commit()
    with acting(cast.social_worker):
        assert elsewhere(person_id=cast.officer.id, **when, but=None) == []


def test_it_is_asked_too_when_a_meeting_moves_or_somebody_else_is_to_chair(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = other_meeting(rows, cast, elsewhere_case(rows, cast), chair=cast.chair)
    moved = other_meeting(
        rows, cast, case, chair=cast.chair, starts_at=clock.now() + timedelta(days=2),
        ends_at=clock.now() + timedelta(days=2, hours=1),
    )  # fmt: skip
    on = clock.local(other.starts_at)
    client = client_for(cast.coordinator)
    sent = {
        **posted("day", on.date()), "starts": clock_words(on), "ends": clock_words(on + timedelta(hours=1)),
        "reason": "Another day", "version": str(moved.version),
    }  # fmt: skip
    place = f"/meetings/{moved.reference}/move"
    assert not client.soup(place).select_one("input[name=all_the_same]"), (
        "asked only where there is a question"
    )
    asked = client.submit(place, sent)
    assert asked.status_code == 422
    assert f"{cast.chair.name} chairs or is invited to {other.reference} at that time" in asked.text
    assert client.submit(place, again(read(asked), sent)).status_code == 303
    rows.expire_all()
    assert rows.get_one(Meeting, moved.id).starts_at == other.starts_at
    third = other_meeting(rows, cast, case, chair=cast.officer)
    place = f"/meetings/{third.reference}/chair"
    sent = {"chair": str(cast.chair.id), "reason": "They know her", "version": str(third.version)}
    asked = client.submit(place, sent)
    assert asked.status_code == 422
    assert f"{cast.chair.name} chairs or is invited to" in asked.text
    assert client.submit(place, again(read(asked), sent)).status_code == 303
    rows.expire_all()
    assert rows.get_one(Meeting, third.id).chair_id == cast.chair.id


@pytest.mark.parametrize("who", ["note_taker", "named"])
def test_of_the_note_taker_and_of_whoever_is_named_it_is_asked_too(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str
) -> None:
    sent = typed(cast, note_taker=str(cast.second_coordinator.id))
    busy = cast.second_coordinator if who == "note_taker" else cast.nurse
    other = other_meeting(rows, cast, elsewhere_case(rows, cast), chair=busy, place="Room 9")
    if who == "named":
        sent |= {"people-0-email": busy.email, "people-0-role": "health"}
    client = client_for(cast.social_worker)
    asked = calls(client, case, sent)
    page = read(asked)
    assert asked.status_code == 422
    words = page.get_text(" ", strip=True)
    assert f"{busy.name} is at another meeting at that time. Is that right?" in words
    assert f"{cast.chair.name} is at another" not in words
    assert other.reference not in asked.text
    assert "in this place" not in words
    assert calls(client, case, again(page, sent)).status_code == 303


def test_of_a_place_it_is_said_that_it_is_taken_and_never_by_which_meeting(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = other_meeting(rows, cast, elsewhere_case(rows, cast), chair=cast.officer, place="  room  1 ")
    client = client_for(cast.social_worker)
    sent = typed(cast, note_taker=str(cast.second_coordinator.id))
    asked = calls(client, case, sent)
    page = read(asked)
    assert asked.status_code == 422
    assert "There is another meeting in this place at that time. Is that right?" in page.get_text(" ")
    for hidden in (other.reference, "Zwelk", cast.officer.name + " is"):
        assert hidden not in asked.text
    elsewhere_then = again(page, sent) | {"place": "Room 2"}
    assert calls(client, case, elsewhere_then).status_code == 303, "nobody else is in that one"
