"""Who hears of the record of a child."""

from datetime import date

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject, Untold
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.alerts import add_alert
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildCorrection, ChildLink, ChildRecord, ChildStatement
from portal.records.children.recording import Identity, correct_identity, decide_proposal, propose_identity
from portal.records.children.records import (
    add_status,
    change_record,
    end_status,
    link_children,
    unlink_children,
)
from portal.records.children.statements import Said, add_statement, hold_back, let_go
from portal.records.children.telling import tell_of_alerts_by_link
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sensitivity, StatementKind
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.cases import add_held_alert, grant, involve, make_case, make_child
from tests.factories.children import say
from tests.told import heard, page_words


def identity(child: Child, name: str) -> Identity:
    return Identity(**(Identity.of(child).as_json() | {"dob": child.dob, "given_name": name}))


def proposes(acting: Acting, who: User, child: Child) -> None:
    with acting(who) as actor:
        known = db.session.get_one(Child, child.id)
        wanted = identity(known, "Adah")
        propose_identity(actor=actor, child=known, version=known.version, identity=wanted, reason="Passport")


def test_whoever_leads_is_asked_for_a_correction_and_whoever_proposed_it_hears_the_answer(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    proposes(acting, cast.officer, child)
    assert heard(rows, cast, "correction_asked") == {"social_worker mail correction_asked"}
    with acting(cast.social_worker) as actor:
        found = db.session.scalars(select(ChildCorrection)).one()
        known = db.session.get_one(Child, child.id)
        decide_proposal(actor=actor, child=known, correction=found, accepted=True)
    assert heard(rows, cast, "correction_answered") == {"officer portal agreement_answered", "news"}


def test_where_no_case_is_open_the_hub_is_asked(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    rows.execute(update(Case).values(state="closed"))
    rows.commit()
    proposes(acting, cast.social_worker, child)
    found = heard(rows, cast, "correction_asked")
    assert "hub_team mail correction_asked" in found
    assert not any(one.startswith("social_worker") for one in found)


def test_of_a_closely_held_case_only_those_who_read_it_hear_of_its_child(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    rows.execute(update(Case).values(sensitivity=int(Sensitivity.SEALED)))
    rows.commit()
    proposes(acting, cast.officer, child)
    assert heard(rows, cast, "correction_asked") == {"social_worker mail correction_asked"}


def test_whoever_leads_hears_what_the_hub_corrected_linked_and_what_others_recorded(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    other = make_child(rows, "Bea", "Fictional")
    with acting(cast.coordinator) as actor:
        known = db.session.get_one(Child, child.id)
        wanted = identity(known, "Adah")
        correct_identity(actor=actor, child=known, version=known.version, identity=wanted, reason="Passport")
        link = link_children(
            actor=actor, child=known, other=db.session.get_one(Child, other.id), reason="Same number"
        )
        unlink_children(actor=actor, link=link, reason="It was misread")
    with acting(cast.officer) as actor:
        known = db.session.get_one(Child, child.id)
        status = add_status(actor=actor, child=known, status="cin", starts_on=date(2026, 1, 5))
        end_status(actor=actor, child=known, status=status, ends_on=date(2026, 2, 5))
    for event in ("identity_corrected", "children_linked", "children_unlinked", "child_status_changed"):
        assert heard(rows, cast, event) == {"social_worker portal case_news", "news"}, event


def test_only_whoever_may_see_what_is_held_back_hears_of_it_and_whoever_leads_that_it_is_let_go(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    school = say(rows, child, cast.officer, "Hobbledehoy Academy", kind="school")
    with acting(cast.social_worker) as actor:
        known = db.session.get_one(Child, child.id)
        hold_back(actor=actor, child=known, statement=db.session.get_one(ChildStatement, school.id))
    assert heard(rows, cast, "child_held_back") == {"officer portal held_back"}
    with acting(cast.officer) as actor:
        known = db.session.get_one(Child, child.id)
        stood = db.session.get_one(ChildStatement, school.id)
        let_go(actor=actor, child=known, statement=stood, reason="The family agreed")
        said = Said(kind=StatementKind.SCHOOL, value="Another School", code="on_roll")
        add_statement(actor=actor, child=known, said=said)
    assert heard(rows, cast, "child_let_go") == {"social_worker portal held_back", "news"}
    assert heard(rows, cast, "child_stated") == {"news"}


@pytest.mark.parametrize("desk", [True, False])
def test_social_care_of_an_authority_that_becomes_responsible_is_told_at_its_front_door(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting, *, desk: bool
) -> None:
    if desk:
        at = update(Team).where(Team.id == cast.social_care_team.id)
        rows.execute(at.values(desks=[Desk.FRONT_DOOR.value]))
        rows.commit()
    authority = cast.social_care.authority if desk else "nottingham"
    with acting(cast.officer) as actor:
        record = db.session.get_one(ChildRecord, child.id)
        change_record(
            actor=actor, record=record, version=record.version, facts={"responsible_authority": authority}
        )
    found = heard(rows, cast, "child_authority_changed")
    assert ("social_care_team mail authority_changed" in found) is desk
    assert "social_worker portal case_news" in found
    assert [one.ground for one in rows.scalars(select(Untold))] == ([] if desk else ["social_care"])


def test_whoever_works_with_the_child_on_a_linked_record_hears_that_an_alert_holds_something_back(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    other = make_child(rows, "Adda", "Quillarden")
    second = make_case(
        rows, other, lead=cast.health, opened_by=cast.coordinator, lead_professional_id=cast.nurse.id
    )
    for team, worker in ((cast.health_team, cast.nurse), (cast.school_team, cast.teacher)):
        involve(rows, second, team, by=cast.coordinator, worker=worker)
    say(rows, other, cast.nurse, "12 Otterquill Row")
    bystander = make_child(rows, "Bea", "Quillarden")
    third = make_case(rows, bystander, lead=cast.council, opened_by=cast.coordinator)
    add_held_alert(rows, third, cast.coordinator)  # on a record that is linked with none
    with acting(cast.coordinator) as actor:
        one, two = (db.session.get_one(Child, which.id) for which in (child, other))
        link = link_children(actor=actor, child=one, other=two, reason="Her aunt said so").id
    assert heard(rows, cast, "child_held_by_link") == set()
    with acting(cast.social_worker) as actor:
        add_alert(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            kind="do_not_disclose_address",
            text="Somebody seeks her",
            owner=db.session.get_one(User, cast.social_worker.id),
            review_on=clock.today(),
            child_told=True,
            policy=current_policy(),
        )
        banner = page_words()
    for name in (cast.nurse.name, cast.teacher.name, cast.school.name):
        assert name not in banner, "whoever set it does not learn who works with the child there"
    mails = {f"{one} mail held_by_link" for one in ("nurse", "teacher", "school_team", "health_team")}
    told = heard(rows, cast, "child_held_by_link")
    assert {one for one in told if " mail " in one} == mails
    about = select(OutboxSubject.subject_id).join(OutboxMessage, OutboxMessage.id == OutboxSubject.message_id)
    assert set(rows.scalars(about.where(OutboxMessage.event == "child_held_by_link"))) == {other.id}
    first = rows.scalar(select(func.count()).where(OutboxMessage.event == "child_held_by_link"))
    with acting(cast.coordinator) as actor:
        unlink_children(actor=actor, link=db.session.get_one(ChildLink, link), reason="They are cousins")
    rows.rollback()
    again = rows.scalar(select(func.count()).where(OutboxMessage.event == "child_held_by_link"))
    assert again == 2 * (first or 0), "what is held stays so, and they hear that nothing holds it now"
    outside = {"stranger", "officer", "community_safety"}
    assert not {one.split()[0] for one in heard(rows, cast, "child_held_by_link")} & outside


@pytest.mark.parametrize("sealed", ["alert", "record"])
def test_of_an_alert_of_a_sealed_case_nobody_on_a_linked_record_hears_and_of_an_open_one_who_reads_the_sealed(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting, sealed: str
) -> None:
    other = make_child(rows, "Adda", "Quillarden")
    second = make_case(
        rows, other, lead=cast.health, opened_by=cast.coordinator, lead_professional_id=cast.nurse.id
    )
    grant(rows, second, cast.nurse, by=cast.coordinator)
    for one in (cast.social_worker, cast.coordinator):
        grant(rows, case, one, by=cast.coordinator)
    say(rows, other, cast.nurse, "12 Otterquill Row", do_not_disclose=True)
    rows.get_one(Case, case.id if sealed == "alert" else second.id).sensitivity = int(Sensitivity.SEALED)
    add_held_alert(rows, case, cast.social_worker)
    with acting(cast.coordinator) as actor:
        tell_of_alerts_by_link(actor=actor, child_ids=[child.id], once="not linked")
    first, last = sorted((child.id, other.id))
    by = cast.coordinator.id
    rows.add(ChildLink(id=new_id(), child_a=first, child_b=last, reason="x", linked_by=by))
    rows.commit()
    with acting(cast.coordinator) as actor:
        tell_of_alerts_by_link(actor=actor, child_ids=[child.id], once="linked")
    with acting(cast.stranger) as actor:
        tell_of_alerts_by_link(actor=actor, child_ids=[child.id], once="by a stranger")
    told = {one.split()[0] for one in heard(rows, cast, "child_held_by_link")}
    assert told == (set() if sealed == "alert" else {"nurse"})
