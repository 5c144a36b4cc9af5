"""Whoever leaves, or moves to another team, is not cut off from what they lead without a word."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.model import new_id
from portal.records.cases.model import AccessGrant, Case
from portal.records.meetings.model import Meeting
from portal.records.people.model import Team, TeamMember, User
from portal.records.plans.model import Action
from portal.vocabulary import CAN_BE_HANDED_OVER, INSTEAD, HeldWork, Role, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert, grant, involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.people import make_team, make_user
from tests.factories.plans import make_action
from tests.factories.referrals import make_draft
from tests.told import told

ClientFor = Callable[[User | UUID | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
CHILD = "Quillfeather"


@dataclass(frozen=True)
class Load:
    """What Wanda holds: a case that she leads, with an action and an alert, and a meeting that she chairs."""

    wanda: User
    colleague: User
    elsewhere: User  # of the agency, and of another team
    other_team: Team
    case: Case
    action: Action
    meeting: Meeting


@pytest.fixture
def load(rows: Session, cast: Cast) -> Load:
    wanda = cast.social_worker
    other_team = make_team(rows, cast.social_care, "Leaving care")
    colleague = make_user(rows, cast.social_care, "Colm Colleague", teams=(cast.social_care_team,))
    elsewhere = make_user(rows, cast.social_care, "Elsa Elsewhere", teams=(other_team,))
    child = make_child(rows, "Ada", CHILD)
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=cast.coordinator, lead_professional_id=wanda.id
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=wanda)
    duty = rows.scalars(select(Deadline).where(Deadline.case_id == case.id)).one()
    duty.owner_id, duty.owner_agency_id = wanda.id, None
    action = make_action(rows, case, wanda, cast.coordinator)
    add_alert(rows, case, wanda)
    meeting = make_meeting(rows, cases=[case], chair=wanda, note_taker=cast.chair)
    return Load(wanda, colleague, elsewhere, other_team, case, action, meeting)


def held(session: Session, person: User, leaves: list[UUID] | None = None) -> dict[str, int]:
    found = session.execute(
        text("select kind, held from ctx.held_work(:person, :leaves, '{}', true)"),
        {"person": person.id, "leaves": leaves},
    )
    return {row.kind: row.held for row in found}


@pytest.fixture
def by_team(rows: Session, load: Load) -> Load:
    """The same, where she reads the case through her team alone, and not as the chair of a meeting on it."""
    rows.query(AccessGrant).filter_by(user_id=load.wanda.id).delete()
    rows.commit()
    return load


ALL = {"leads": 1, "actions": 1, "alerts": 1, "chairs": 1}


def words(client: Client, address: str) -> str:
    return " ".join(client.soup(address).get_text(" ", strip=True).split())


def lead_of(rows: Session, load: Load) -> UUID | None:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Case, load.case.id).lead_professional_id


def team_form(rows: Session, person: User, *teams: Team, **more: str) -> dict[str, object]:
    """What the form of somebody’s details sends."""
    rows.refresh(person)
    return {
        "name": person.name,
        "email": person.email,
        "job_title": person.job_title,
        "phone": person.phone,
        "team_ids": [str(team.id) for team in teams],
        "version": str(person.version),
        **more,
    }


@pytest.mark.parametrize("who", ["administrator", "social_care_manager", "coordinator"])
def test_whoever_looks_after_somebody_learns_how_much_they_hold(
    asking: Asking, cast: Cast, load: Load, who: str
) -> None:
    with asking(getattr(cast, who)) as session:
        assert held(session, load.wanda) == ALL


@pytest.mark.parametrize(
    "who", ["social_worker", "chair", "police_manager", "officer", "stranger", "governance", None]
)
def test_nobody_else_learns_even_a_number(asking: Asking, cast: Cast, load: Load, who: str | None) -> None:
    with asking(getattr(cast, who) if who else None) as session:
        assert held(session, load.wanda) == {}
        assert held(session, load.wanda, [cast.social_care_team.id]) == {}


def test_a_manager_of_a_former_agency_learns_nothing(
    asking: Asking, rows: Session, cast: Cast, load: Load
) -> None:
    load.wanda.agency_id = cast.health.id
    rows.commit()
    with asking(cast.social_care_manager) as session:
        assert held(session, load.wanda) == {}


def test_every_kind_can_be_handed_over_or_says_what_becomes_of_it() -> None:
    assert {*CAN_BE_HANDED_OVER, *INSTEAD} == set(HeldWork)
    assert not set(CAN_BE_HANDED_OVER).intersection(INSTEAD)


def test_every_kind_is_counted(asking: Asking, rows: Session, cast: Cast, load: Load) -> None:
    make_draft(rows, load.wanda)
    cast.social_care.lead_id = cast.social_care_team.manager_id = load.wanda.id
    other = make_meeting(rows, cases=[load.case], chair=cast.chair, note_taker=load.wanda)
    third = make_meeting(rows, cases=[load.case], chair=cast.chair, note_taker=cast.officer)
    make_invitation(rows, third, person=load.wanda, by=cast.chair)
    rows.commit()
    with asking(cast.administrator) as session:
        found = held(session, load.wanda)
    assert found == ALL | {"drafts": 1, "agencies": 1, "teams": 1, "notes": 1, "invitations": 1}, other.id


def test_an_administrator_sees_numbers_and_nothing_of_a_case(
    client_for: ClientFor, cast: Cast, load: Load
) -> None:
    for part in ("", "/switch-off", "/details"):
        page = client_for(cast.administrator).get(f"/administration/people/{load.wanda.id}{part}").text
        assert "Cases they lead" in page, part
        for hidden in (CHILD, load.case.reference, load.action.reference, load.meeting.reference):
            assert hidden not in page, part
        assert load.colleague.name not in page, "an administrator gives nobody a case"


def test_whoever_holds_something_is_not_switched_off_before_it_is_said_who_takes_over(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    for person in (cast.administrator, cast.social_care_manager):
        address = f"/administration/people/{load.wanda.id}/switch-off"
        answer = client_for(person).submit(address, {"reason": "Left"})
        assert answer.status_code == 422
        assert "cases they lead: 1" in answer.text
    rows.refresh(load.wanda)
    assert load.wanda.active
    assert client_for(load.wanda).get(f"/cases/{load.case.reference}").status_code == 200


def test_whoever_holds_nothing_is_asked_nothing(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    address = f"/administration/people/{load.elsewhere.id}/switch-off"
    client = client_for(cast.administrator)
    assert "Who takes over" not in client.get(address).text
    assert client.submit(address, {"reason": "Left"}).status_code == 303
    assert told(rows, "work_left") == []


def test_a_manager_switches_somebody_off_and_hands_over_in_one_step(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    answer = client_for(cast.social_care_manager).submit(
        f"/administration/people/{load.wanda.id}/switch-off",
        {"reason": "Left", "hand_to": str(load.colleague.id)},
    )
    assert answer.status_code == 303
    assert lead_of(rows, load) == load.colleague.id
    assert rows.get_one(Action, load.action.id).owner_id == load.colleague.id
    duty = rows.scalars(
        select(Deadline).where(Deadline.case_id == load.case.id, Deadline.kind == "assessment")
    )
    assert duty.one().owner_id == load.colleague.id
    rows.refresh(load.wanda)
    assert not load.wanda.active
    assert client_for(load.colleague).get(f"/cases/{load.case.reference}").status_code == 200
    event = rows.scalars(select(AuditEvent).where(AuditEvent.action == "work:hand_over")).one()
    assert (event.details["handed_over"], event.details["to"]) == (2, str(load.colleague.id))
    # a meeting and an alert are not a manager's to give away: they are listed, and the hub is told
    page = words(client_for(cast.social_care_manager), f"/work/people/{load.wanda.id}")
    assert "has left and cannot use the portal" in page
    assert "Chairs meeting" in page
    assert {one.recipient_team_id for one in told(rows, "work_left")} >= {cast.hub_team.id}


def test_where_nobody_takes_over_yet_the_manager_and_the_hub_are_told(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    administrator, address = (
        client_for(cast.administrator),
        f"/administration/people/{load.wanda.id}/switch-off",
    )
    (who,) = administrator.soup(address).select("[name=hand_to]")
    assert (who["type"], who["value"]) == ("hidden", "later"), "there is nothing to choose from"
    answer = administrator.submit(address, {"reason": "Left", "hand_to": str(who["value"])})
    assert answer.status_code == 303
    assert lead_of(rows, load) == load.wanda.id, "an administrator moves no case"
    messages = told(rows, "work_left")
    assert {one.recipient_id for one in messages if one.recipient_id} >= {cast.social_care_manager.id}
    assert {(one.reference, one.case_id) for one in messages} == {(None, None)}, "it names no case"
    assert {(one.subject_kind, one.subject_id) for one in messages} == {("app_user", load.wanda.id)}
    manager = client_for(cast.social_care_manager)
    link = manager.soup("/messages").select_one("main a[href^='/go/']")
    assert link
    page = manager.get(str(link["href"]), follow_redirects=True)
    assert page.status_code == 200
    assert f"Leads case {load.case.reference}, about Ada {CHILD}" in page.text


def test_an_administrator_cannot_choose_who_gets_a_case(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    answer = client_for(cast.administrator).submit(
        f"/administration/people/{load.wanda.id}/switch-off",
        {"reason": "Left", "hand_to": str(load.colleague.id)},
    )
    assert answer.status_code == 422
    assert lead_of(rows, load) == load.wanda.id


def test_somebody_moved_out_of_a_team_hands_over_what_they_read_no_more(
    client_for: ClientFor, rows: Session, cast: Cast, by_team: Load
) -> None:
    load = by_team
    manager, address = client_for(cast.social_care_manager), f"/administration/people/{load.wanda.id}/details"
    refused = manager.submit(address, team_form(rows, load.wanda, load.other_team))
    assert refused.status_code == 422
    assert "cases they lead: 1" in refused.text
    assert "meetings they chair" not in refused.text.lower().split("choose who takes over", 1)[1][:300]
    moved = manager.submit(
        address, team_form(rows, load.wanda, load.other_team, hand_to=str(load.colleague.id))
    )
    assert moved.status_code == 303
    assert lead_of(rows, load) == load.colleague.id
    assert rows.get_one(Action, load.action.id).owner_id == load.colleague.id
    assert set(rows.scalars(select(TeamMember.team_id).where(TeamMember.user_id == load.wanda.id))) == {
        load.other_team.id
    }


def test_whoever_is_moved_away_from_work_is_told_so_and_so_is_their_manager(
    client_for: ClientFor, rows: Session, cast: Cast, by_team: Load
) -> None:
    load = by_team
    address = f"/administration/people/{load.wanda.id}/details"
    moved = client_for(cast.administrator).submit(
        address, team_form(rows, load.wanda, load.other_team, hand_to="later")
    )
    assert moved.status_code == 303
    assert [one.recipient_id for one in told(rows, "team_left")] == [load.wanda.id]
    assert cast.social_care_manager.id in {one.recipient_id for one in told(rows, "work_left")}
    link = client_for(load.wanda).soup("/messages").select_one("main a[href^='/go/']")
    assert link
    assert client_for(load.wanda).get(str(link["href"]), follow_redirects=True).status_code == 200


@pytest.mark.parametrize("still", ["the new team works on it too", "named on it", "manages in the agency"])
def test_whoever_goes_on_reading_their_cases_is_asked_nothing(
    client_for: ClientFor, rows: Session, cast: Cast, by_team: Load, still: str
) -> None:
    load = by_team
    if still == "the new team works on it too":
        involve(rows, load.case, load.other_team, by=cast.coordinator)
    elif still == "named on it":
        grant(rows, load.case, load.wanda, by=cast.coordinator)
    else:
        load.wanda.roles = [Role.MANAGER.value]
        rows.commit()
    address = f"/administration/people/{load.wanda.id}/details"
    answer = client_for(cast.administrator).submit(address, team_form(rows, load.wanda, load.other_team))
    assert answer.status_code == 303
    assert told(rows, "work_left") == told(rows, "team_left") == []


def test_each_thing_can_go_to_somebody_else(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    address = f"/work/people/{load.wanda.id}"
    client = client_for(cast.coordinator)
    codes = [str(one["value"]) for one in client.soup(address).select("input[name=items]")]
    assert [code.partition(":")[0] for code in codes] == ["leads", "actions", "alerts", "chairs"]
    by_kind = {code.partition(":")[0]: code for code in codes}
    given = {"hand_to": str(load.colleague.id), "reason": "She leads too many"}
    assert client.submit(address, {**given, "items": [by_kind["actions"]]}).status_code == 303
    assert lead_of(rows, load) == load.wanda.id
    assert rows.get_one(Action, load.action.id).owner_id == load.colleague.id
    assert client.submit(address, {**given, "items": [by_kind["chairs"]]}).status_code == 303
    rows.expire_all()
    assert rows.get_one(Meeting, load.meeting.id).chair_id == load.colleague.id


def test_what_is_refused_stays_and_says_why(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    address = f"/work/people/{load.wanda.id}"
    client = client_for(cast.social_care_manager)
    codes = [str(one["value"]) for one in client.soup(address).select("input[name=items]")]
    answer = client.submit(
        address, {"hand_to": str(load.elsewhere.id), "reason": "Moves", "items": [codes[0], codes[-1]]}
    )
    assert codes[-1].partition(":")[0] == "actions", "an alert and a meeting are for others to give"
    assert answer.status_code == 200
    assert "Elsa Elsewhere is not in Duty team, and would not read the case" in answer.text
    assert lead_of(rows, load) == load.wanda.id


def test_another_agency_s_case_is_counted_and_not_shown(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    """Their own manager reads a restricted case of their team; of one that they reach by name, the number."""
    other = make_case(
        rows, make_child(rows, "Una", "Zzrestricted"), lead=cast.police, opened_by=cast.coordinator
    )
    grant(rows, other, load.wanda, by=cast.coordinator)
    add_alert(rows, other, load.wanda)
    other.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    page = words(client_for(cast.social_care_manager), f"/work/people/{load.wanda.id}")
    assert "Zzrestricted" not in page
    assert other.reference not in page
    assert "You do not see 1 of these, because it is another agency’s, or on a restricted case." in page
    assert "You do not see" not in words(client_for(cast.coordinator), f"/work/people/{load.wanda.id}")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        *((None, 303), ("officer", 403), ("chair", 403), ("administrator", 403), ("governance", 403)),
        *(("police_manager", 404), ("social_care_manager", 200), ("coordinator", 200)),
    ],
)
def test_only_managers_of_the_agency_and_coordinators_see_what_somebody_holds(
    client_for: ClientFor, cast: Cast, load: Load, who: str | None, status: int
) -> None:
    client = client_for(getattr(cast, who) if who else None)
    address = f"/work/people/{load.wanda.id}"
    assert client.get(address).status_code == status
    if status != 200 and who is not None:
        sent = {"hand_to": str(load.colleague.id), "reason": "x", "items": [f"leads:{load.case.id}"]}
        assert client.submit(address, sent).status_code == status
    unknown = client.get(f"/work/people/{new_id()}").status_code
    assert unknown == (404 if status == 200 else status)


def test_what_somebody_else_holds_is_not_handed_over_under_their_name(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    """The code of a thing that is not among those offered is refused, whatever it names."""
    other = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, other, cast.social_care_team, by=cast.coordinator, worker=cast.chair)
    answer = client_for(cast.social_care_manager).submit(
        f"/work/people/{load.wanda.id}",
        {"hand_to": str(load.colleague.id), "reason": "x", "items": [f"leads:{other.id}"]},
    )
    assert answer.status_code in {200, 422}
    rows.expire_all()
    assert rows.get_one(Case, other.id).lead_professional_id is None


def test_switching_off_again_keeps_the_day_on_which_somebody_left(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    left: datetime = clock.now() - timedelta(days=30)
    load.elsewhere.active, load.elsewhere.left_at = False, left
    rows.commit()
    address = f"/administration/people/{load.elsewhere.id}/switch-off"
    assert client_for(cast.administrator).get(address).status_code == 303
    assert client_for(cast.administrator).submit(address, {"reason": "again"}).status_code == 303
    rows.expire_all()
    assert rows.get_one(User, load.elsewhere.id).left_at == left
    assert not list(rows.scalars(select(AuditEvent).where(AuditEvent.action == "people:switch_off")))


def test_a_case_keeps_an_open_duty_with_an_owner_through_it_all(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load
) -> None:
    client_for(cast.social_care_manager).submit(
        f"/administration/people/{load.wanda.id}/switch-off",
        {"reason": "Left", "hand_to": str(load.colleague.id)},
    )
    rows.expire_all()
    duties = rows.scalars(
        select(Deadline).where(Deadline.case_id == load.case.id, Deadline.state == DeadlineState.OPEN)
    ).all()
    owners = {one.owner_id for one in duties if one.subject_kind in {"cre_case", "action"}}
    assert owners == {load.colleague.id}
