"""Who hears that a form arrived, and that its sender wrote again; of a sealed child only somebody named."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from uuid import UUID

import pytest
from flask import get_flashed_messages
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.messages.told import say
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.grants import name_person
from portal.records.cases.model import Case
from portal.records.children.model import NameKey
from portal.records.children.rules import Facts, child_keys
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralMessage
from portal.records.referrals.rules import ChildDetails, FormAnswers
from portal.records.referrals.sending import reply_to_hub, send_referral
from portal.records.triage.working import claim, find_referral, release
from portal.vocabulary import DecisionOutcome, Sensitivity, Urgency
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.referrals import make_draft
from tests.missing.test_pages import ClientFor
from tests.told import heard, untold
from tests.triage.conftest import decide

Asking = Callable[[User | None], AbstractContextManager[Session]]
Acting = Callable[[User], AbstractContextManager[Principal]]

HUB_BY_BELL = {f"{who} portal form_arrived" for who in ("coordinator", "second_coordinator")}
HUB_OF_RED = {
    "hub_team mail red_form",
    "coordinator portal red_form",
    "second_coordinator portal red_form",
}
RECEIVED = {"officer mail form_received"}


@pytest.fixture
def sealed(rows: Session, cast: Cast) -> Case:
    """A sealed case of Ada Fictional, on which one of two coordinators is named."""
    child = make_child(rows)
    keys = child_keys(Facts(names=("Ada Fictional",), born=child.dob), current_policy().names)
    rows.add_all(NameKey(child_id=child.id, key=key) for key in keys)
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=cast.coordinator, sensitivity=Sensitivity.SEALED
    )
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    return case


def sends(
    rows: Session,
    acting: Acting,
    author: User,
    urgency: Urgency = Urgency.LATER,
    *,
    concerns_colleague: bool = False,
) -> tuple[Referral, str]:
    """Somebody sends a form on Ada; the form, and what the next page says of telling."""
    draft = make_draft(rows, author)
    what = "Seen with an adult at night."
    answers = FormAnswers(
        urgency=urgency, kind="child", what_happened=what, concerns_colleague=concerns_colleague
    )
    ada = ChildDetails(given_name="Ada", family_name="Fictional", dob=date(2012, 5, 4))
    with acting(author) as actor:
        form = send_referral(
            actor=actor, reference=draft.reference, answers=answers, details=[ada], version=draft.version
        )
        number = form.id
        say()
        words = str(get_flashed_messages())
    return rows.get_one(Referral, number), words


def test_the_hub_sees_that_a_form_arrived_and_the_sender_has_it_acknowledged(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    sends(rows, acting, cast.officer)
    manager = {"police_manager weekly form_of_team"}
    assert heard(rows, cast, "form_arrived") == RECEIVED | HUB_BY_BELL | manager


def test_a_red_form_is_mailed_to_the_hub(rows: Session, cast: Cast, acting: Acting) -> None:
    sends(rows, acting, cast.officer, Urgency.IMMEDIATE)
    assert heard(rows, cast, "red_form_arrived") == RECEIVED | HUB_OF_RED


@pytest.mark.parametrize(
    ("urgency", "event", "kind"),
    [(Urgency.LATER, "form_arrived", "form_arrived"), (Urgency.IMMEDIATE, "red_form_arrived", "red_form")],
)
@pytest.mark.usefixtures("sealed")
def test_of_a_sealed_child_only_a_coordinator_who_is_named_hears_and_owes_the_triage(
    rows: Session, cast: Cast, acting: Acting, urgency: Urgency, event: str, kind: str
) -> None:
    form, _ = sends(rows, acting, cast.officer, urgency)
    manager = {"police_manager weekly form_of_team"} if event == "form_arrived" else set()
    assert heard(rows, cast, event) == RECEIVED | {f"coordinator mail {kind}"} | manager
    duty = rows.scalars(select(Deadline).filter_by(referral_id=form.id)).one()
    assert (duty.owner_id, duty.owner_team_id, duty.owner_agency_id) == (cast.coordinator.id, None, None)


@pytest.mark.parametrize("urgency", [Urgency.LATER, Urgency.IMMEDIATE])
def test_of_a_sealed_child_who_is_named_for_the_agency_that_leads_hears_that_a_form_came(
    rows: Session,
    cast: Cast,
    acting: Acting,
    sealed: Case,
    asking: Asking,
    client_for: ClientFor,
    urgency: Urgency,
) -> None:
    grant(rows, sealed, cast.nurse, by=cast.coordinator)
    form, words = sends(rows, acting, cast.officer, urgency)
    assert words == "[]", "nothing is said of whom, as of every other child"
    assert heard(rows, cast, "form_on_sealed_case") == {"social_worker mail form_on_sealed"}
    told = rows.scalars(select(OutboxMessage).filter_by(event="form_on_sealed_case")).one()
    assert told.urgent is (urgency is Urgency.IMMEDIATE)
    lead = client_for(cast.social_worker)
    assert lead.get(f"/go/{told.id}").location == f"/cases/{sealed.reference}"
    assert lead.get(f"/triage/{form.reference}").status_code == 403
    assert "of a sealed case came" not in client_for(cast.officer).get("/messages").text
    for person in (cast.officer, cast.colleague, cast.coordinator, cast.second_coordinator, cast.stranger):
        with asking(person) as session:
            assert not session.execute(select(func.ctx.lead_of_sealed_form(form.id))).all(), person.name


@pytest.mark.parametrize("named", [True, False])
def test_of_a_form_for_a_colleague_nobody_but_the_hub_hears_it_may_be_they(
    rows: Session, cast: Cast, acting: Acting, sealed: Case, named: bool
) -> None:
    rows.get_one(User, cast.coordinator.id).active = named
    rows.commit()
    sends(rows, acting, cast.officer, concerns_colleague=True)
    assert heard(rows, cast, "form_on_sealed_case") == set()
    assert not any(one.startswith("social_worker") for one in heard(rows, cast, "form_unseen"))
    assert named or "hub_team mail form_unseen" in heard(rows, cast, "form_unseen")


def test_of_a_case_that_is_not_sealed_nobody_is_told_so(
    rows: Session, cast: Cast, acting: Acting, sealed: Case
) -> None:
    rows.get_one(Case, sealed.id).sensitivity = int(Sensitivity.NORMAL)
    rows.commit()
    sends(rows, acting, cast.officer, Urgency.IMMEDIATE)
    assert heard(rows, cast, "form_on_sealed_case") == set()


def test_the_sender_is_shown_the_same_of_a_sealed_child_as_of_every_other(
    rows: Session, cast: Cast, acting: Acting, sealed: Case
) -> None:
    _, of_sealed = sends(rows, acting, cast.officer, Urgency.IMMEDIATE)
    rows.get_one(Case, sealed.id).sensitivity = int(Sensitivity.NORMAL)
    rows.commit()
    _, of_known = sends(rows, acting, cast.officer, Urgency.IMMEDIATE)
    assert of_sealed == of_known == "[]", "nothing is said of whom"


@pytest.mark.usefixtures("sealed")
def test_what_the_sender_of_such_a_form_writes_goes_to_whoever_is_named(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    form, _ = sends(rows, acting, cast.officer)
    with acting(cast.officer) as actor:
        reply_to_hub(actor=actor, referral=db.session.get_one(Referral, form.id), text="Her name is Ada.")
    assert heard(rows, cast, "form_sender_wrote") == {"coordinator mail form_message"}


@pytest.mark.parametrize("urgency", [Urgency.LATER, Urgency.IMMEDIATE])
def test_where_no_coordinator_is_named_any_more_who_reads_the_case_hears_and_the_hub_that_a_form_waits(
    rows: Session,
    cast: Cast,
    acting: Acting,
    sealed: Case,
    asking: Asking,
    client_for: ClientFor,
    urgency: Urgency,
) -> None:
    rows.get_one(User, cast.coordinator.id).active = False
    rows.commit()
    form, words = sends(rows, acting, cast.officer, urgency)
    assert words == "[]", "nothing is said of whom, as of every other child"
    red = urgency is Urgency.IMMEDIATE
    manager = set() if red else {"police_manager weekly form_of_team"}
    assert heard(rows, cast, "red_form_arrived" if red else "form_arrived") == RECEIVED | manager
    assert heard(rows, cast, "form_unseen") == {
        "hub_team mail form_unseen",
        "second_coordinator portal form_unseen",
        "social_worker mail coordinator_missing",
    }
    told = {one.kind: one for one in rows.scalars(select(OutboxMessage).filter_by(event="form_unseen"))}
    assert {kind for kind, one in told.items() if one.urgent} == (set(told) if red else set())
    assert untold(rows) == set(), "the list of the hub would say who sent it"
    hub, lead = client_for(cast.second_coordinator), client_for(cast.social_worker)
    for page in (
        "/triage",
        f"/triage/{form.reference}",
        "/messages",
        "/messages/untold",
        f"/go/{message_to(rows, cast.second_coordinator)}",
    ):
        said = hub.get(page).text
        for hidden in (sealed.reference, "Fictional", cast.officer.name):
            assert hidden not in said, (page, hidden)
    for page in ("/triage", f"/triage/{form.reference}"):
        words = hub.soup(page).get_text(" ", strip=True)
        assert "nobody at the hub is" in words, page
        assert "names a coordinator on it" in words, page
    assert form.reference in hub.get("/messages").text, "as the queue of the hub says of every form passed on"
    assert lead.get(f"/go/{message_to(rows, cast.social_worker)}").location == f"/cases/{sealed.reference}"
    with acting(cast.officer) as actor:
        reply_to_hub(actor=actor, referral=db.session.get_one(Referral, form.id), text="Her name is Ada.")
    assert heard(rows, cast, "form_sender_wrote") == set()
    again = rows.scalars(
        select(OutboxMessage).filter_by(event="form_unseen", recipient_id=cast.social_worker.id)
    )
    assert len(again.all()) == 2, "whoever reads the case hears that more was said"
    for person in (cast.officer, cast.colleague, cast.coordinator, cast.second_coordinator, cast.stranger):
        with asking(person) as session:
            assert not session.execute(select(func.ctx.unseen_form(form.id))).all(), person.name


def message_to(rows: Session, person: User) -> UUID:
    rows.rollback()
    about = {"recipient_id": person.id, "event": "form_unseen"}
    return rows.scalars(select(OutboxMessage.id).filter_by(**about).order_by(OutboxMessage.created_at)).all()[
        0
    ]


@pytest.mark.usefixtures("sealed")
def test_whoever_wrote_a_form_does_not_read_by_sql_who_owes_its_triage(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    """The duty is nobody’s but theirs who triage; whom to tell is said while the author sends or writes."""
    form, _ = sends(rows, acting, cast.officer)
    duty = select(Deadline).filter_by(referral_id=form.id)
    owner = select(func.ctx.holder_of_form(form.id))
    for person in (cast.officer, cast.colleague, cast.police_manager, cast.nurse, cast.stranger):
        with asking(person) as session:
            assert not session.scalars(duty).all(), person.name
            assert session.scalar(owner) is None, person.name
            changed = update(Deadline).where(Deadline.referral_id == form.id).values(move_reason="x")
            assert session.execute(changed).rowcount == 0, person.name  # type: ignore[attr-defined]  # of an update
        if person is not cast.officer:
            words = {"author_id": person.id, "from_hub": False, "text": "x", "sent_at": clock.now()}
            written = insert(ReferralMessage).values(id=new_id(), referral_id=form.id, **words)
            with asking(person) as session, pytest.raises(DBAPIError, match="row-level security"):
                session.execute(written)
    with asking(cast.coordinator) as session:
        assert session.scalars(duty).one().owner_id == session.scalar(owner) == cast.coordinator.id
    with asking(cast.second_coordinator) as session:
        assert not session.scalars(duty).all(), "not named on the sealed case"


@pytest.mark.usefixtures("sealed")
def test_such_a_form_that_is_put_back_stays_with_whoever_is_named(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    form, _ = sends(rows, acting, cast.officer, Urgency.IMMEDIATE)
    with acting(cast.coordinator) as actor:
        found = find_referral(actor=actor, reference=form.reference)
        claim(actor=actor, referral=found)
        release(actor=actor, referral=found)
    duty = rows.scalars(select(Deadline).filter_by(referral_id=form.id)).one()
    assert (duty.owner_id, duty.owner_agency_id) == (cast.coordinator.id, None)
    assert heard(rows, cast, "urgent_form_put_back") == set(), "it is their own doing"


@pytest.mark.usefixtures("sealed")
def test_if_another_puts_it_back_whoever_is_named_hears_of_it(
    rows: Session, cast: Cast, acting: Acting, sealed: Case
) -> None:
    grant(rows, sealed, cast.second_coordinator, by=cast.coordinator)
    form, _ = sends(rows, acting, cast.officer, Urgency.IMMEDIATE)
    with acting(cast.second_coordinator) as actor:
        found = find_referral(actor=actor, reference=form.reference)
        claim(actor=actor, referral=found)
        release(actor=actor, referral=found)
    assert "coordinator mail red_form" in heard(rows, cast, "urgent_form_put_back")


@pytest.mark.parametrize("urgency", [Urgency.LATER, Urgency.IMMEDIATE])
def test_a_coordinator_who_is_named_then_has_the_form_that_waited_a_red_one_at_once(
    rows: Session, cast: Cast, acting: Acting, sealed: Case, client_for: ClientFor, urgency: Urgency
) -> None:
    rows.get_one(Case, sealed.id).lead_professional_id = cast.social_care_manager.id
    grant(rows, sealed, cast.social_care_manager, by=cast.coordinator)
    rows.get_one(User, cast.coordinator.id).active = False
    rows.get_one(User, cast.second_coordinator.id).phone = "01632 960 778"
    rows.commit()
    form, _ = sends(rows, acting, cast.officer, urgency)
    red, manager = urgency is Urgency.IMMEDIATE, client_for(cast.social_care_manager)
    sent = {"email": cast.second_coordinator.email, "reason": "Nobody coordinates it"}
    assert manager.submit(f"/cases/{sealed.reference}/named/new", sent).status_code == 303
    said = manager.soup(f"/cases/{sealed.reference}").get_text(" ", strip=True)
    assert ("a red form waits for them: ring 01632 960 778" in said) is red
    assert ("a form waits for them" in said) is not red
    assert heard(rows, cast, "coordinator_named") == {"second_coordinator mail form_for_you"}
    assert heard(rows, cast, "person_named") == set()
    told = rows.scalars(select(OutboxMessage).filter_by(event="coordinator_named")).one()
    assert told.urgent is red
    duty = rows.scalars(select(Deadline).filter_by(referral_id=form.id)).one()
    assert (duty.owner_id, duty.owner_agency_id) == (cast.second_coordinator.id, None)
    assert client_for(cast.second_coordinator).get(f"/triage/{form.reference}").status_code == 200


def test_so_with_a_form_that_was_decided_and_whose_sender_has_written_since(
    rows: Session, cast: Cast, acting: Acting, sealed: Case
) -> None:
    rows.get_one(Case, sealed.id).lead_professional_id = cast.social_care_manager.id
    grant(rows, sealed, cast.social_care_manager, by=cast.coordinator)
    form, _ = sends(rows, acting, cast.officer, Urgency.LATER)
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.NO_FURTHER_ACTION)
    rows.get_one(User, cast.coordinator.id).active = False
    rows.commit()
    with acting(cast.officer) as actor:
        reply_to_hub(actor=actor, referral=db.session.get_one(Referral, form.id), text="He has her now.")
    wrote = select(Deadline).filter_by(referral_id=form.id, kind=DeadlineKind.SENDER_WROTE)
    assert rows.scalars(wrote).one().owner_id is None
    rows.rollback()
    with acting(cast.social_care_manager) as actor:
        case, person = db.session.get_one(Case, sealed.id), cast.second_coordinator
        name_person(
            actor=actor, case=case, person=db.session.get_one(User, person.id), reason="Nobody has it"
        )
    assert heard(rows, cast, "coordinator_named") == {"second_coordinator mail form_for_you"}
    assert rows.scalars(wrote).one().owner_id == person.id


def test_where_a_coordinator_is_named_already_their_form_stays_theirs(
    rows: Session, cast: Cast, acting: Acting, sealed: Case
) -> None:
    form, _ = sends(rows, acting, cast.officer, Urgency.IMMEDIATE)
    with acting(cast.coordinator) as actor:
        case, other = (
            db.session.get_one(Case, sealed.id),
            db.session.get_one(User, cast.second_coordinator.id),
        )
        name_person(actor=actor, case=case, person=other, reason="On holiday soon")
    assert heard(rows, cast, "coordinator_named") == set()
    assert heard(rows, cast, "person_named") == {"second_coordinator mail shared"}
    duty = rows.scalars(select(Deadline).filter_by(referral_id=form.id)).one()
    assert duty.owner_id == cast.coordinator.id
