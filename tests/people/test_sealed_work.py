"""What somebody holds on a sealed case is hidden from all who are not named there, and that there is any."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.assessments import make_assessment
from tests.factories.cases import add_alert, grant, make_case, make_child
from tests.factories.linked import make_process
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.plans import make_action
from tests.people.test_held_work import Load, held, load, words
from tests.told import told

__all__ = ["load"]

ClientFor = Callable[[User | UUID | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
CHILD = "Zzsealedquill"
UNNAMED = ("second_coordinator", "social_care_manager", "administrator")


def seal_a_case(rows: Session, cast: Cast, person: User) -> Case:
    """A sealed case that somebody leads, with one of everything that can be theirs on it."""
    child = make_child(rows, "Perpetua", CHILD)
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=cast.coordinator, lead_professional_id=person.id
    )
    duty = rows.scalars(select(Deadline).where(Deadline.case_id == case.id)).one()
    duty.owner_id, duty.owner_agency_id = person.id, None
    for named in (person, cast.coordinator):
        grant(rows, case, named, by=cast.coordinator)
    make_action(rows, case, person, cast.coordinator)
    add_alert(rows, case, person)
    make_process(rows, case, person)
    make_assessment(rows, case, person)
    make_meeting(rows, cases=[case], chair=person, note_taker=cast.chair)
    other = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator)
    make_invitation(rows, other, person=person, by=cast.chair)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    return case


def pages_of(client: Client, person: User) -> list[str]:
    """What the pages say of what somebody holds, without those that whoever looks may not open."""
    held_by, kept = f"/work/people/{person.id}", f"/administration/people/{person.id}"
    addresses = [held_by, kept, f"{kept}/switch-off", f"{kept}/details"]
    return [words(client, one) for one in addresses if client.get(one).status_code == 200]


@pytest.mark.parametrize("who", UNNAMED)
def test_who_is_not_named_reads_the_same_pages_as_if_there_were_no_sealed_case(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load, who: str
) -> None:
    client = client_for(getattr(cast, who))
    before = pages_of(client, load.wanda)
    seal_a_case(rows, cast, load.wanda)
    assert before
    assert pages_of(client, load.wanda) == before


@pytest.mark.parametrize("who", UNNAMED)
def test_no_number_says_it_either(asking: Asking, rows: Session, cast: Cast, load: Load, who: str) -> None:
    with asking(getattr(cast, who)) as session:
        before = held(session, load.wanda)
    seal_a_case(rows, cast, load.wanda)
    with asking(getattr(cast, who)) as session:
        assert held(session, load.wanda) == before


def test_who_is_named_sees_and_counts_it(
    client_for: ClientFor, asking: Asking, rows: Session, cast: Cast, load: Load
) -> None:
    case = seal_a_case(rows, cast, load.wanda)
    page = words(client_for(cast.coordinator), f"/work/people/{load.wanda.id}")
    assert f"Leads case {case.reference}, about Perpetua {CHILD}" in page
    assert "Cases they lead: 2" in page
    assert "You do not see" not in page
    with asking(cast.coordinator) as session:
        found = held(session, load.wanda)
    assert (found["leads"], found["actions"], found["alerts"], found["processes"]) == (2, 2, 2, 1)
    assert (found["chairs"], found["invitations"]) == (2, 1)
    assert found["assessments"] == 1


@pytest.mark.parametrize("who", ["social_care_manager", "administrator"])
def test_whoever_holds_nothing_else_is_switched_off_as_if_they_held_nothing(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load, who: str
) -> None:
    seal_a_case(rows, cast, load.elsewhere)
    address, client = f"/administration/people/{load.elsewhere.id}", client_for(getattr(cast, who))
    assert "Who takes over" not in client.get(f"{address}/switch-off").text
    assert client.submit(f"{address}/switch-off", {"reason": "Left"}).status_code == 303
    assert "still theirs" not in words(client, address)
    assert told(rows, "work_left") == [], (
        "managers and the hub are not sent to look for what they may not know of"
    )
    page = words(client_for(cast.second_coordinator), f"/work/people/{load.elsewhere.id}")
    assert "Nothing that you may know of." in page


def test_a_manager_who_is_named_does_not_send_the_others_to_look_for_it(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    case = seal_a_case(rows, cast, load.elsewhere)
    grant(rows, case, cast.social_care_manager, by=cast.coordinator)
    address = f"/administration/people/{load.elsewhere.id}/switch-off"
    manager = client_for(cast.social_care_manager)
    assert "Cases they lead: 1" in words(manager, address)
    assert manager.submit(address, {"reason": "Left", "hand_to": "later"}).status_code == 303
    assert told(rows, "work_left") == []
