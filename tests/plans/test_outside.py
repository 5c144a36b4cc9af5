"""An action that somebody without an account does: its owner has to tell them, and says how it goes."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.by_hand.keeping import record_telling
from portal.records.by_hand.model import ToldByHand
from portal.records.by_hand.rules import Telling
from portal.records.by_hand.vocabulary import Way
from portal.records.cases.model import Case
from portal.records.cases.sensitivity import raise_sensitivity
from portal.records.concerns.model import Concern
from portal.records.people.model import Team, User
from portal.records.plans.action_changes import end_as_not_needed, hand_over, move_date
from portal.records.plans.action_steps import block, mark_done
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action, ActionStep
from portal.records.plans.rules import External
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.by_hand import make_told
from tests.factories.concerns import make_concern
from tests.plans.conftest import GIVEN, Acting, gives, steps
from tests.plans.test_pages import given
from tests.told import of_event, page_words, to_tell

Browser = Callable[[User | None], Client]
FENELLA = External("Fenella Gladwrack", "youth club")
SHE = "Fenella Gladwrack (youth club)"


@pytest.fixture
def action(cast: Cast, case: Case, acting: Acting) -> Action:
    """The social worker gave one to Fenella. The community safety officer tells her and reads no case."""
    return gives(acting, cast.social_worker, case, cast.community_safety, external=FENELLA)


def telling(rows: Session, event: str = "action_given") -> ToldByHand:
    rows.rollback()
    return rows.scalars(select(ToldByHand).filter_by(event=event)).one()


def tells(acting: Acting, who: User, told: ToldByHand) -> None:
    said = Telling(told_on=clock.today(), way=Way.PHONE, told_by=who.name)
    with acting(who) as actor:
        found = db.session.get_one(ToldByHand, told.id)
        record_telling(actor=actor, told=found, said=said, version=found.version)


def hands_over(acting: Acting, who: User, action: Action, to: User | Team, **more: Any) -> None:
    with acting(who) as actor:
        record = db.session.get_one(Action, action.id)
        owner = db.session.merge(to, load=True)
        hand_over(actor=actor, action=record, owner=owner, reason="Nearer", version=record.version, **more)


def test_who_tells_them_owns_the_action_and_owes_it_to_tell_them(
    rows: Session, cast: Cast, case: Case, action: Action
) -> None:
    teller = cast.community_safety.id
    assert (action.owner_id, action.external_name, action.external_role) == (
        teller,
        "Fenella Gladwrack",
        "youth club",
    )
    assert to_tell(rows, "action_given") == {(SHE, teller, "open")}
    duties = rows.scalars(select(Deadline).where(Deadline.owner_id == teller)).all()
    assert {(one.kind, one.case_id) for one in duties} == {("action", case.id), ("by_hand", case.id)}
    assert of_event(rows, "action_given") == {(teller, "mail", "action_given")}


def test_the_page_says_who_has_to_tell_whom(cast: Cast, case: Case, acting: Acting) -> None:
    for owner, says in (
        (cast.social_worker, f"Not told yet – tell them yourself: {SHE}"),
        (cast.nurse, f"Not told yet: {SHE}, who has no account. {cast.nurse.name} has to tell them."),
    ):
        with acting(cast.social_worker) as actor:
            give_action(
                actor=actor,
                case=db.session.get_one(Case, case.id),
                owner=db.session.get_one(User, owner.id),
                external=FENELLA,
                due_on=clock.today(),
                **GIVEN,
            )
            assert says in page_words()


def test_whoever_tells_them_records_it_without_reading_the_case_and_says_how_the_action_goes(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    tells(acting, cast.community_safety, telling(rows))
    assert to_tell(rows, "action_given") == {(SHE, cast.community_safety.id, "done")}
    steps(acting, cast.community_safety, action, block, why="She is ill")
    steps(acting, cast.community_safety, action, mark_done, words="She went with her")
    rows.rollback()
    assert rows.get_one(Action, action.id).state == "done"


def test_a_colleague_of_who_tells_them_records_it_another_agency_of_the_case_and_a_stranger_do_not(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    gives(acting, cast.social_worker, case, cast.officer, external=FENELLA)
    told = telling(rows)
    with pytest.raises(Forbidden):
        tells(acting, cast.nurse, told)
    with acting(cast.stranger):
        assert db.session.get(ToldByHand, told.id) is None
    with acting(cast.neighbour):
        assert db.session.get(ToldByHand, told.id) is None
    tells(acting, cast.colleague, told)
    assert to_tell(rows, "action_given") == {(SHE, cast.officer.id, "done")}


def test_once_it_is_done_nobody_has_to_be_told(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    steps(acting, cast.community_safety, action, mark_done, words="She went with her")
    assert to_tell(rows, "action_given") == {(SHE, cast.community_safety.id, "cancelled")}
    assert telling(rows).dropped_reason == "The action is done"


def test_whoever_was_not_told_hears_nothing_of_what_is_over_and_of_another_day_when_they_are(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    later = clock.today() + timedelta(days=30)
    steps(acting, cast.social_worker, action, move_date, due_on=later, reason="Half term")
    assert to_tell(rows, "action_given") == {(SHE, cast.community_safety.id, "open")}
    steps(acting, cast.social_worker, action, end_as_not_needed, reason="The shop closed")
    assert to_tell(rows, "action_given") == {(SHE, cast.community_safety.id, "cancelled")}
    assert telling(rows).dropped_reason == "The action is no longer to be done"
    assert to_tell(rows, "action_changed") == set()


def test_whoever_was_told_is_told_of_another_day_and_then_only_that_it_is_over(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    tells(acting, cast.community_safety, telling(rows))
    later = clock.today() + timedelta(days=30)
    steps(acting, cast.social_worker, action, move_date, due_on=later, reason="Half term")
    assert to_tell(rows, "action_changed") == {(SHE, cast.community_safety.id, "open")}
    steps(acting, cast.social_worker, action, end_as_not_needed, reason="The shop closed")
    teller = cast.community_safety.id
    assert to_tell(rows, "action_changed") == {(SHE, teller, "cancelled"), (SHE, teller, "open")}


def test_when_another_tells_them_the_duty_goes_along_and_who_does_it_stays(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    hands_over(acting, cast.social_worker, action, cast.nurse)
    assert to_tell(rows, "action_given") == {(SHE, cast.nurse.id, "open")}
    assert to_tell(rows, "action_handed_over") == set()
    rows.rollback()
    assert rows.get_one(Action, action.id).external_name == "Fenella Gladwrack"
    step = rows.scalars(select(ActionStep).filter_by(action_id=action.id)).one()
    assert (step.before, step.after) == (
        f"{SHE}, through {cast.community_safety.name}",
        f"{SHE}, through {cast.nurse.name}",
    )


def test_when_somebody_else_does_it_whoever_was_told_is_told_so_and_the_next_one_too(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    tells(acting, cast.community_safety, telling(rows))
    hands_over(acting, cast.social_worker, action, cast.nurse, external=External("Olwen Brindlemarsh"))
    assert to_tell(rows, "action_handed_over") == {
        (SHE, cast.social_worker.id, "open"),
        ("Olwen Brindlemarsh", cast.nurse.id, "open"),
    }
    hands_over(acting, cast.social_worker, action, cast.nurse, external=External())
    assert to_tell(rows, "action_handed_over") == {
        (SHE, cast.social_worker.id, "open"),
        ("Olwen Brindlemarsh", cast.nurse.id, "cancelled"),
    }
    rows.rollback()
    assert rows.get_one(Action, action.id).external_name == ""


def test_a_case_that_is_sealed_takes_the_telling_to_whoever_is_named(
    rows: Session, cast: Cast, case: Case, acting: Acting, action: Action
) -> None:
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        raise_sensitivity(
            actor=actor,
            case=record,
            to=Sensitivity.SEALED,
            reason="A relative works here",
            named=[db.session.get_one(User, cast.social_worker.id)],
            version=record.version,
        )
    rows.rollback()
    assert rows.get_one(Action, action.id).owner_id == cast.social_worker.id
    assert to_tell(rows, "action_given") == {(SHE, cast.social_worker.id, "open")}


@pytest.mark.parametrize(
    ("external", "to", "field", "why"),
    [
        (External("", "youth club"), "nurse", "external_name", "Enter the name"),
        (FENELLA, "health_team", "owner", "Choose a person who tells them"),
        (External("F" * 500), "nurse", "external_name", "Shorten this"),
    ],
)
def test_what_cannot_be_so_is_refused(
    cast: Cast, case: Case, acting: Acting, external: External, to: str, field: str, why: str
) -> None:
    with pytest.raises(DomainError, match=why) as refused:
        gives(acting, cast.social_worker, case, getattr(cast, to), external=external)
    assert refused.value.field == field


def test_about_a_place_or_person_of_concern_nobody_without_an_account_does_anything(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    concern = make_concern(rows, cast.community_safety)
    with acting(cast.community_safety) as actor, pytest.raises(DomainError, match="Only an action on a case"):
        give_action(
            actor=actor,
            concern=db.session.get_one(Concern, concern.id),
            owner=db.session.get_one(User, cast.community_safety.id),
            external=FENELLA,
            due_on=clock.today(),
            **GIVEN,
        )


def test_the_database_keeps_no_outsider_whom_nobody_tells(rows: Session, action: Action) -> None:
    rows.rollback()
    with pytest.raises(IntegrityError, match="role_of_somebody"):
        rows.execute(text("update action set external_name = '' where id = :id"), {"id": action.id})


def test_two_who_give_it_away_at_once_see_each_other(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    hands_over(acting, cast.social_worker, action, cast.nurse)
    with acting(cast.coordinator) as actor, pytest.raises(Conflict):
        hand_over(
            actor=actor,
            action=db.session.get_one(Action, action.id),
            owner=db.session.get_one(User, cast.officer.id),
            external=External("Olwen Brindlemarsh"),
            reason="Nearer",
            version=1,
        )


def test_who_it_is_stands_on_plan_action_list_and_duty_and_in_no_message(
    rows: Session, cast: Cast, case: Case, client_for: Browser, action: Action
) -> None:
    rows.rollback()
    told, through = telling(rows), f"{SHE}, through {cast.community_safety.name}, {cast.council.name}"
    worker, teller = client_for(cast.social_worker), client_for(cast.community_safety)
    for place in (f"/cases/{case.reference}/plan", f"/actions/{action.reference}"):
        assert through in worker.soup(place).get_text(" ")
    theirs = f"not told yet – {cast.community_safety.name}, {cast.council.name}, tells them"
    assert theirs in worker.soup(f"/actions/{action.reference}").get_text(" ")
    page = teller.soup(f"/actions/{action.reference}").get_text(" ")
    assert "not told yet – tell them yourself" in page
    assert "Fenella Gladwrack has no account. You tell them what is to be done" in page
    assert "Not told yet" in page
    assert through in teller.soup("/actions").get_text(" ")
    duty = teller.soup(f"/told-by-hand/{told.reference}").get_text(" ")
    for words in (GIVEN["what"], GIVEN["measure"], f"{cast.community_safety.name}, {cast.council.name}"):
        assert words in duty
    assert f"{SHE}: {GIVEN['what']}" in teller.soup("/work").get_text(" ")
    for stranger in (cast.stranger, cast.neighbour):
        assert client_for(stranger).get(f"/told-by-hand/{told.reference}").status_code == 404
    for message in rows.query(OutboxMessage).all():
        held = {name: getattr(message, name) for name in message.__table__.c.keys()}  # noqa: SIM118 - no mapping
        assert "Gladwrack" not in str(held)


def test_the_plan_on_paper_says_who_does_it(
    cast: Cast, case: Case, client_for: Browser, action: Action
) -> None:
    worker = client_for(cast.social_worker)
    made = worker.get(f"/cases/{case.reference}/plan/pdf")
    assert made.status_code == 200
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(made.data)).pages)
    assert SHE in " ".join(text.split())
    assert SHE in worker.soup(f"/cases/{case.reference}/plan/print").get_text(" ")


def test_the_database_lets_others_on_the_case_change_a_telling_of_an_action_alone(
    rows: Session, cast: Cast, case: Case, acting: Acting, action: Action
) -> None:
    of_action, of_case = telling(rows).id, make_told(rows, cast.social_worker, case_id=case.id).id
    takes_off = text(
        "update told_by_hand set dropped_by = :me, dropped_at = now(), dropped_reason = 'x' where id = :id"
    )
    for person, changed in ((cast.stranger, ()), (cast.neighbour, ()), (cast.nurse, (of_action,))):
        for one in (of_case, of_action):
            with acting(person):
                found = db.session.execute(takes_off, {"me": person.id, "id": one})
                assert (found.rowcount == 1) is (one in changed), (person.name, one == of_action)  # type: ignore[attr-defined]  # an update counts


def test_it_is_given_and_handed_over_by_the_forms(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    worker = client_for(cast.social_worker)
    form = given(cast.nurse, external_name=" Fenella Gladwrack ", external_role="youth club")
    answer = worker.submit(f"/cases/{case.reference}/actions/new", form)
    assert answer.status_code == 303, answer.text
    action = rows.scalars(select(Action)).one()
    assert (action.external_name, action.owner_id) == ("Fenella Gladwrack", cast.nurse.id)
    place = f"/actions/{action.reference}/owner"
    box = worker.soup(place).select_one("input[name=external_name]")
    assert box is not None
    assert box["value"] == "Fenella Gladwrack"
    said = {"owner": f"person:{cast.officer.id}", "external_name": box["value"], "words": "Nearer"}
    assert worker.submit(place, {**said, "version": str(action.version)}).status_code == 303
    rows.rollback()
    rows.expire_all()
    action = rows.scalars(select(Action)).one()
    assert (action.external_name, action.external_role, action.owner_id) == (
        "Fenella Gladwrack",
        "youth club",
        cast.officer.id,
    )
