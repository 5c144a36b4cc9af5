"""An action on a place or person of concern goes by the rules of one on a case."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError, NotFound
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.concerns.holding import hold
from portal.records.concerns.keeping import end_concern
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.reading.content import ON_A_CONCERN, content_of
from portal.records.people.model import Team, User
from portal.records.plans.action_changes import end_as_not_needed, hand_over, move_date
from portal.records.plans.action_steps import block, confirm, mark_done, start
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action, ActionNote
from portal.records.plans.reading import open_on
from portal.vocabulary import Role
from tests.access.test_reach import Asking
from tests.access.test_writes import changed
from tests.cast import Cast
from tests.client import Client
from tests.factories.concerns import make_concern, release
from tests.factories.meetings import make_meeting
from tests.factories.people import make_user
from tests.factories.plans import make_action, make_note
from tests.plans.conftest import Acting, steps

GIVEN: dict[str, Any] = {
    "what": "Look at the licence of the late shop",
    "measure": "It closes at eleven on three Fridays",
    "category": "disrupt",
    "means": "licensing",
}


ClientFor = Callable[[User | None], Client]


@pytest.fixture
def place(rows: Session, cast: Cast) -> Concern:
    """A place in the borough that the police keep."""
    cast.council.districts = ["erewash"]
    rows.commit()
    return make_concern(
        rows, cast.officer, district="erewash", authority="derbyshire", owner_team_id=cast.police_team.id
    )


def gives(acting: Acting, person: User, concern: Concern, owner: User | Team, **changes: Any) -> Action:
    """Somebody gives somebody an action on a concern; it is due in two weeks."""
    said = GIVEN | {"due_on": clock.today() + timedelta(days=14)} | changes
    with acting(person) as actor:
        found = give_action(
            actor=actor,
            concern=db.session.get_one(Concern, concern.id),
            owner=db.session.merge(owner, load=True),
            **said,
        )
        db.session.flush()
        db.session.expunge(found)
    return found


def test_it_hangs_on_the_concern_alone_and_has_its_clock(
    rows: Session, cast: Cast, place: Concern, acting: Acting
) -> None:
    action = gives(acting, cast.officer, place, cast.community_safety)
    assert (action.concern_id, action.case_id, action.child_id, action.plan_id) == (
        place.id,
        None,
        None,
        None,
    )
    assert (action.target, action.means) == ("place", "licensing")
    duty = rows.scalars(select(Deadline).where(Deadline.subject_id == action.id)).one()
    assert (duty.kind, duty.concern_id, duty.case_id) == ("action", place.id, None)
    assert rows.scalars(select(OutboxMessage.kind)).all() == ["action_given"]


def test_a_page_that_is_sent_twice_gives_it_once(
    rows: Session, cast: Cast, place: Concern, acting: Acting
) -> None:
    once = uuid4()
    for _ in range(2):
        gives(acting, cast.officer, place, cast.colleague, once=once)
    assert rows.scalar(select(func.count()).select_from(Action)) == 1


def test_who_keeps_it_gives_to_anybody_and_who_sees_it_to_their_own(
    cast: Cast, place: Concern, acting: Acting
) -> None:
    gives(acting, cast.officer, place, cast.nurse)
    gives(acting, cast.coordinator, place, cast.nurse)
    gives(acting, cast.community_safety, place, cast.council_team)
    with pytest.raises(Forbidden, match="for their own agency"):
        gives(acting, cast.community_safety, place, cast.nurse)


def test_nothing_is_given_on_one_that_has_ended(
    rows: Session, cast: Cast, place: Concern, acting: Acting
) -> None:
    place.ended_at, place.ended_by = clock.now(), cast.officer.id
    rows.commit()
    with pytest.raises(DomainError, match="no longer watched"):
        gives(acting, cast.officer, place, cast.colleague)


@pytest.mark.parametrize("wrong", [{"category": "other"}, {"means": "magic"}, {"measure": " "}])
def test_words_and_codes_are_checked(
    cast: Cast, place: Concern, acting: Acting, wrong: dict[str, Any]
) -> None:
    with pytest.raises(DomainError):
        gives(acting, cast.officer, place, cast.colleague, **wrong)


def test_an_owner_goes_all_the_way_without_seeing_the_concern(
    rows: Session, cast: Cast, place: Concern, acting: Acting, asking: Asking
) -> None:
    action = gives(acting, cast.officer, place, cast.nurse)
    with asking(cast.nurse) as session:
        assert session.scalars(select(Action.id)).all() == [action.id]
        assert session.scalars(select(Concern.id)).all() == []
    steps(acting, cast.nurse, action, start)
    steps(acting, cast.nurse, action, block, why="The owner is away")
    steps(acting, cast.nurse, action, start)
    steps(acting, cast.nurse, action, mark_done, words="It closes at eleven")
    with pytest.raises(Forbidden):
        steps(acting, cast.nurse, action, confirm)
    with pytest.raises(Forbidden):  # the council sees the place and does not keep it
        steps(acting, cast.community_safety, action, confirm)
    steps(acting, cast.colleague, action, confirm, effect="helped")
    rows.expire_all()
    assert rows.get_one(Action, action.id).state == "confirmed"
    assert set(rows.scalars(select(OutboxMessage.recipient_id))) >= {cast.officer.id, cast.police_manager.id}


def test_the_date_moves_and_it_goes_to_another_or_is_given_up(
    rows: Session, cast: Cast, place: Concern, acting: Acting
) -> None:
    action = gives(acting, cast.officer, place, cast.nurse)
    later = action.due_on + timedelta(days=7)
    with pytest.raises(Forbidden):
        steps(acting, cast.nurse, action, move_date, due_on=later, reason="Half term")
    steps(acting, cast.officer, action, move_date, due_on=later, reason="Half term")
    steps(acting, cast.officer, action, hand_over, owner=cast.community_safety, reason="Theirs")
    assert open_actions_of(rows, acting, cast.officer, place) == [action.reference]
    steps(acting, cast.officer, action, end_as_not_needed, reason="It closed")
    assert open_actions_of(rows, acting, cast.officer, place) == []


def open_actions_of(rows: Session, acting: Acting, person: User, place: Concern) -> list[str]:
    with acting(person):
        return open_on(concern_id=place.id)


def test_only_a_meeting_of_the_district_gives_it_and_its_chair_confirms(
    rows: Session, cast: Cast, place: Concern, acting: Acting
) -> None:
    panel = make_meeting(
        rows, chair=cast.chair, note_taker=cast.nurse, district="erewash", state=MeetingState.HELD
    )
    release(rows, place, cast.social_care, cast.officer)
    other = make_meeting(
        rows, chair=cast.officer, note_taker=cast.nurse, district="erewash", state=MeetingState.CANCELLED
    )
    action = gives(acting, cast.chair, place, cast.community_safety, meeting=panel)
    with pytest.raises(NotFound):
        gives(acting, cast.officer, place, cast.colleague, meeting=other)
    steps(acting, cast.community_safety, action, mark_done, words="Visited")
    with pytest.raises(Forbidden):  # the police keep it, and a meeting gave it
        steps(acting, cast.colleague, action, confirm)
    steps(acting, cast.chair, action, confirm)


def test_on_a_restricted_one_nobody_owns_an_action_who_does_not_see_it(
    rows: Session, cast: Cast, place: Concern, acting: Acting, asking: Asking
) -> None:
    before = make_action(rows, place, cast.nurse, cast.officer)
    place.sensitivity = 1
    rows.commit()
    for owner in (cast.nurse, cast.neighbour, cast.council_team):
        with pytest.raises(DomainError, match="restricted"):
            gives(acting, cast.officer, place, owner)
    gives(acting, cast.officer, place, cast.colleague)
    with asking(cast.nurse) as session:
        assert session.scalars(select(Action.id)).all() == []
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="restricted concern"):
        session.execute(
            update(Action)
            .where(Action.id == before.id)
            .values(owner_id=cast.community_safety.id, owner_agency_id=cast.council.id)
        )


def test_it_is_not_held_closely_nor_ended_while_others_still_owe_something_on_it(
    rows: Session, cast: Cast, place: Concern, acting: Acting
) -> None:
    action = gives(acting, cast.officer, place, cast.nurse)
    held: dict[str, Any] = {"restricted": True, "reason": "A witness lives there", "version": 1}
    with pytest.raises(DomainError, match=action.reference), acting(cast.officer) as actor:
        hold(actor=actor, concern=db.session.get_one(Concern, place.id), **held)
    ended: dict[str, Any] = {"reason": "Shut", "version": 1}
    with pytest.raises(DomainError, match=action.reference), acting(cast.officer) as actor:
        end_concern(actor=actor, concern=db.session.get_one(Concern, place.id), **ended)
    steps(acting, cast.officer, action, hand_over, owner=cast.colleague, reason="Ours")
    with acting(cast.officer) as actor:
        hold(actor=actor, concern=db.session.get_one(Concern, place.id), **held)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        *(("officer", True), ("neighbour", True), ("coordinator", True), ("community_safety", True)),
        *(("stranger", False), ("nurse", False), ("teacher", False), ("governance", False)),
        ("administrator", False),
    ],
)
def test_who_sees_the_concern_reads_its_actions_and_nobody_else(
    rows: Session, cast: Cast, place: Concern, asking: Asking, who: str, sees: bool
) -> None:
    action = make_action(rows, place, cast.colleague, cast.officer)
    make_note(rows, action, cast.colleague)
    make_note(rows, action, cast.colleague, "own")
    police = who in {"officer", "neighbour"}
    with asking(getattr(cast, who)) as session:
        assert (len(session.scalars(select(Action.id)).all()) == 1) is sees
        assert len(session.scalars(select(ActionNote.id)).all()) == (2 if police else int(sees))
        if not sees:
            assert changed(session, update(Action).values(state="under_way")) == 0


def test_what_it_is_on_stands(rows: Session, cast: Cast, place: Concern, asking: Asking) -> None:
    make_action(rows, place, cast.colleague, cast.officer)
    for column in ("concern_id", "means"):
        with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(f"update action set {column} = {column}"))  # noqa: S608 - columns of ours
    with pytest.raises(DBAPIError, match="one_subject"):
        rows.execute(text("update action set concern_id = null"))
    rows.rollback()


def test_its_page_names_the_concern_to_whoever_sees_it(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor
) -> None:
    other = make_user(rows, cast.health, "Nan Nurse", Role.PRACTITIONER)
    action = make_action(rows, place, other, cast.officer)
    for person, named in ((cast.officer, True), (cast.community_safety, True), (other, False)):
        page = client_for(person).get(f"/actions/{action.reference}").get_data(as_text=True)
        assert (place.name in page) is named, person.name
        assert action.what in page
    assert client_for(other).get(f"/concerns/{place.reference}/actions/new").status_code == 404
    mine = client_for(other).get("/actions").get_data(as_text=True)
    assert action.what in mine
    assert place.name not in mine
    assert client_for(cast.stranger).get(f"/actions/{action.reference}").status_code == 404


def test_the_form_gives_it(rows: Session, cast: Cast, place: Concern, client_for: ClientFor) -> None:
    client = client_for(cast.officer)
    address = f"/concerns/{place.reference}/actions/new"
    page = client.get(address).get_data(as_text=True)
    assert "without the name of a child" in page
    assert "Licensing visit or review" in page
    assert client.submit(address, {"what": ""}).status_code == 422
    day = clock.today() + timedelta(days=9)
    answer = client.submit(
        address,
        {
            "what": "Walk past at nine on Fridays",
            "measure": "Nobody waits there",
            "owner": f"person:{cast.colleague.id}",
            "due_on-day": day.day,
            "due_on-month": day.month,
            "due_on-year": day.year,
            "category": "disrupt",
            "means": "patrol",
            "priority": "normal",
            "once": str(uuid4()),
        },
    )
    assert answer.status_code == 303
    action = rows.scalars(select(Action)).one()
    assert (action.concern_id, action.means, action.owner_id) == (place.id, "patrol", cast.colleague.id)


def test_minutes_say_that_something_is_done_about_it_and_not_what(
    rows: Session, cast: Cast, place: Concern, acting: Acting
) -> None:
    panel = make_meeting(
        rows, chair=cast.officer, note_taker=cast.nurse, district="erewash", state=MeetingState.HELD
    )
    action = gives(acting, cast.officer, place, cast.community_safety, meeting=panel)
    with acting(cast.officer):
        content = content_of(meeting=db.session.get_one(Meeting, panel.id), case_id=None)
    (said,) = content["actions"]
    assert said["reference"] == action.reference
    assert (said["what"], said["measure"]) == (ON_A_CONCERN, "")


@pytest.mark.parametrize("restricted", [False, True])
def test_on_the_sheet_for_when_the_portal_is_down_a_restricted_one_is_not_named(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor, restricted: bool
) -> None:
    action = make_action(rows, place, cast.officer, cast.officer)
    rows.get_one(Concern, place.id).sensitivity = int(restricted)
    rows.get_one(Concern, place.id).name = "Quillheld"
    rows.commit()
    manager = client_for(cast.police_manager)
    assert "Quillheld" in manager.soup("/work?whose=people").get_text(" ", strip=True), "they see it"
    sheet = manager.soup("/work/sheet").get_text(" ", strip=True)
    assert action.reference in sheet
    assert ("Quillheld" in sheet) is not restricted
    assert action.reference not in client_for(cast.social_care_manager).soup("/work/sheet").get_text()
