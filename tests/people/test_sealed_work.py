"""What somebody holds on a sealed case is hidden from all who are not named there, and that there is any."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.messages.told import HIDDEN
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people import roles
from portal.records.people.model import User
from portal.vocabulary import Role, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.assessments import make_assessment
from tests.factories.cases import add_alert, grant, make_case, make_child
from tests.factories.linked import make_process
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.missing import make_episode
from tests.factories.people import make_user
from tests.factories.plans import make_action
from tests.factories.referrals import make_sent_referral
from tests.people.test_held_work import Load, held, load, words
from tests.told import of_event, told

__all__ = ["load"]

ClientFor = Callable[[User | UUID | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
Acting = Callable[[User], AbstractContextManager[Principal]]
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


def switch_off(client_for: ClientFor, cast: Cast, person: User) -> str:
    address, client = f"/administration/people/{person.id}", client_for(cast.administrator)
    sent = {"reason": "Left", "hand_to": "later"}
    assert client.submit(f"{address}/switch-off", sent).status_code == 303
    return words(client, address).replace(person.name, "N")


def test_whoever_is_named_beside_somebody_who_leaves_is_told_and_nobody_else(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    case = seal_a_case(rows, cast, load.elsewhere)
    said = switch_off(client_for, cast, load.elsewhere)
    kind = "sealed_work_left"
    assert (cast.coordinator.id, "mail", kind) in of_event(rows, kind)
    heard = told(rows, kind)
    assert {one.subject_id for one in heard} == {case.id}
    apart = {load.elsewhere.id, cast.second_coordinator.id, cast.social_care_manager.id, cast.stranger.id}
    assert apart.isdisjoint(one.recipient_id for one in heard)
    assert {one.recipient_team_id for one in heard} == {None}
    assert HIDDEN in said
    assert cast.coordinator.name not in said
    link = client_for(cast.coordinator).soup("/messages").select("main a[href^='/go/']")[0]
    page = client_for(cast.coordinator).get(str(link["href"]), follow_redirects=True)
    assert page.request.path == f"/cases/{case.reference}"


def test_where_the_child_is_missing_it_is_urgent_that_nobody_leads_a_sealed_case(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    case = seal_a_case(rows, cast, load.elsewhere)
    make_episode(rows, rows.get_one(Child, case.child_id), cast.coordinator)
    said = switch_off(client_for, cast, load.elsewhere)
    heard = told(rows, "sealed_lead_left")
    assert (cast.coordinator.id, "mail", "sealed_lead_left") in of_event(rows, "sealed_lead_left")
    assert {(one.subject_id, one.urgent) for one in heard} == {(case.id, True)}
    apart = {load.elsewhere.id, cast.second_coordinator.id, cast.social_care_manager.id, cast.stranger.id}
    assert apart.isdisjoint(one.recipient_id for one in heard)
    assert told(rows, "sealed_work_left") == [], "it is one message"
    assert cast.coordinator.name not in said


def test_the_page_says_the_same_of_whoever_is_named_on_none(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    other = make_user(rows, cast.social_care, "Otto Elsewhere", teams=(load.other_team,))
    seal_a_case(rows, cast, load.elsewhere)
    told_of, of_none = (switch_off(client_for, cast, one) for one in (load.elsewhere, other))
    assert HIDDEN in of_none
    assert told_of.partition(HIDDEN)[2][:120] == of_none.partition(HIDDEN)[2][:120]


def test_whoever_coordinates_no_more_leaves_forms_to_the_hub_and_sealed_cases_to_whoever_is_named(
    client_for: ClientFor, rows: Session, cast: Cast, acting: Acting, load: Load
) -> None:
    case = seal_a_case(rows, cast, load.wanda)
    sefu = cast.second_coordinator
    grant(rows, case, sefu, by=cast.coordinator)
    form = make_sent_referral(rows, cast.officer, children=[{"given_name": "Una", "family_name": "Zzform"}])
    form.claimed_by = sefu.id
    rows.commit()
    with acting(cast.administrator) as actor:
        change_id = roles.ask(actor=actor, user_id=sefu.id, roles=[Role.PRACTITIONER, Role.CHAIR]).id
    assert told(rows, "work_left") == []
    with acting(cast.second_administrator) as actor:
        roles.confirm(actor=actor, change_id=change_id)
    assert cast.hub_team.id in {one.recipient_team_id for one in told(rows, "work_left")}
    heard = {one.recipient_id for one in told(rows, "sealed_work_left")}
    assert {cast.coordinator.id, load.wanda.id} <= heard
    assert heard.isdisjoint({sefu.id, cast.social_care_manager.id, cast.stranger.id})
    page = words(client_for(cast.coordinator), f"/work/people/{sefu.id}")
    assert f"Has in triage form {form.reference}" in page
