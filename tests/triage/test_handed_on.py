"""A form comes to be for those named on a sealed case: whoever coordinates that hears that it is theirs."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.children.records import link_children
from portal.records.referrals.model import Referral
from portal.vocabulary import ReferralState, Sensitivity, TriageColour
from tests.access.test_reach import Asking
from tests.access.test_sealed import send
from tests.cases.pages import words
from tests.cases.test_sensitivity import change
from tests.cast import Cast
from tests.children.test_emptied import holds, matched
from tests.client import Client
from tests.factories.cases import make_case, make_child
from tests.missing.conftest import Acting, case
from tests.missing.test_linked_records import links
from tests.missing.test_pages import ClientFor
from tests.triage.test_pages import fields_of

__all__ = ["case"]


def form(
    rows: Session, cast: Cast, child: Child, colour: TriageColour = TriageColour.GREEN, by: str = ""
) -> Referral:
    """One on the child of a record, which somebody of the hub has."""
    referral, subject = send(rows, cast.officer, given_name="Thorrin", family_name="Quellamey")
    referral.colour, referral.state = colour, ReferralState.IN_TRIAGE
    referral.claimed_by = getattr(cast, by or "second_coordinator").id
    matched(rows, referral, subject, child)
    return referral


def heard(rows: Session, referral: Referral) -> set[tuple[object, str, str]]:
    """Who was told that the form went to them, of which kind, by which way."""
    rows.rollback()
    found = rows.execute(
        select(OutboxMessage.recipient_id, OutboxMessage.kind, OutboxMessage.channel)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(
            OutboxSubject.subject_id == referral.id,
            OutboxSubject.reference == referral.reference,
            OutboxMessage.event.in_(("form_passed_on", "red_form_passed_on")),
        )
    )
    return {(one.recipient_id, one.kind, one.channel) for one in found}


def seals(client: Client, cast: Cast, of: Case) -> None:
    assert change(client, of, Sensitivity.SEALED, named=[str(cast.coordinator.id)]).status_code == 303


@pytest.mark.parametrize("emptied", [False, True])
def test_whoever_coordinates_the_case_hears_when_the_lead_seals_it_and_the_lead_learns_nothing(
    rows: Session,
    cast: Cast,
    case: Case,
    acting: Acting,
    asking: Asking,
    client_for: ClientFor,
    *,
    emptied: bool,
) -> None:
    child = rows.get_one(Child, case.child_id)
    if emptied:
        child, known = make_child(rows, "Thorrin", "Quellamey"), child
        links(acting, cast, known, child)
    green, red = form(rows, cast, child), form(rows, cast, child, TriageColour.RED)
    theirs = form(rows, cast, child, by="coordinator")
    lead = client_for(cast.social_worker)
    seals(lead, cast, case)
    done = words(lead.soup(f"/cases/{case.reference}"))
    assert heard(rows, green) == {(cast.coordinator.id, "form_arrived", "mail")}
    assert heard(rows, red) == {(cast.coordinator.id, "red_form", "mail")}
    assert heard(rows, theirs) == set(), "they have it already"
    owners = select(Deadline.owner_id).where(Deadline.referral_id.in_([green.id, red.id]))
    assert set(rows.scalars(owners)) == {cast.coordinator.id}
    for secret in (green.reference, red.reference, "form went to a colleague"):
        assert secret not in done
    for person in (cast.social_worker, cast.colleague, cast.nurse, cast.stranger):
        with asking(person) as session:
            told = select(func.count()).select_from(OutboxMessage)
            assert session.scalar(told.where(OutboxMessage.event.like("%form_passed_on"))) == 0, person.name
    with asking(cast.second_coordinator) as session:
        about = select(OutboxSubject.subject_id).where(OutboxSubject.subject_id.in_([green.id, red.id]))
        assert session.scalars(about).all() == [], "whoever had it sees no more of it"


def test_so_they_do_when_a_record_is_linked_with_that_of_a_sealed_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    other, apart = make_child(rows, "Thorrin", "Quellamey"), make_child(rows, "Wynnard", "Tessaly")
    green, unmoved = form(rows, cast, other), form(rows, cast, apart)
    holds(rows, cast, case, Sensitivity.SEALED)
    rows.commit()
    known = rows.get_one(Child, case.child_id)
    links(acting, cast, known, other)
    assert heard(rows, green) == set(), "who links them does so, and is the one who has it"
    owner = rows.scalars(select(Deadline.owner_id).filter_by(referral_id=green.id)).one()
    assert owner == cast.coordinator.id
    assert heard(rows, unmoved) == set()


def test_so_they_do_where_whoever_links_does_not_know_of_the_sealed_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    hidden, far = make_child(rows, "Thorrin", "Quellamey"), make_child(rows, "Wynnard", "Tessaly")
    known = rows.get_one(Child, case.child_id)
    links(acting, cast, known, hidden)
    sealed = make_case(rows, hidden, lead=cast.health, opened_by=cast.coordinator)
    holds(rows, cast, sealed, Sensitivity.SEALED)
    green = form(rows, cast, far)
    with acting(cast.second_coordinator) as actor:
        one, other = (db.session.get_one(Child, child.id) for child in (known, far))
        link_children(actor=actor, child=one, other=other, reason="The same mother")
    assert heard(rows, green) == {(cast.coordinator.id, "form_arrived", "mail")}


def test_a_coordinator_who_seals_alone_reads_at_once_which_forms_became_theirs(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    green, theirs = form(rows, cast, child), form(rows, cast, child, by="coordinator")
    rows.query(Deadline).filter_by(referral_id=theirs.id).update({"owner_id": cast.coordinator.id})
    rows.commit()
    hub = client_for(cast.coordinator)
    assert change(hub, case, Sensitivity.SEALED).status_code == 303
    assert heard(rows, green) == set(), "nobody gets a message of what they did themselves"
    said = words(hub.soup(f"/cases/{case.reference}"))
    assert f"{green.reference} on the child is yours now" in said
    assert theirs.reference not in said.partition("is yours now")[0], "they had it already"
    owners = select(Deadline.owner_id).where(Deadline.referral_id.in_([green.id, theirs.id]))
    assert set(rows.scalars(owners)) == {cast.coordinator.id}


@pytest.mark.parametrize("named", [True, False])
def test_so_does_whoever_links_a_record_with_that_of_a_sealed_case_and_nobody_who_is_not_named(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor, *, named: bool
) -> None:
    hidden, far = make_child(rows, "Thorrin", "Quellamey"), make_child(rows, "Wynnard", "Tessaly")
    known = rows.get_one(Child, case.child_id)
    links(acting, cast, known, hidden)
    sealed = make_case(rows, hidden, lead=cast.health, opened_by=cast.coordinator)
    holds(rows, cast, sealed, Sensitivity.SEALED)
    green = form(rows, cast, far)
    hub = client_for(cast.coordinator if named else cast.second_coordinator)
    asked = {"other": far.reference, "reason": "The same mother"}
    assert hub.submit(f"/children/{known.reference}/links/add", asked).status_code == 303
    said = words(hub.soup(f"/children/{known.reference}"))
    assert "Linked. Each record shows the other" in said
    assert (f"{green.reference} on the child is yours now" in said) is named
    assert named or green.reference not in said


def test_so_does_whoever_opens_a_sealed_case_of_the_other_forms_on_the_child(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    child = make_child(rows, "Thorrin", "Quellamey")
    mine, other = form(rows, cast, child, by="coordinator"), form(rows, cast, child)
    hub, page = client_for(cast.coordinator), f"/triage/{mine.reference}/decide"
    given = fields_of(hub.soup(page), page)
    given |= {"outcomes": "open_case", "reason": "Group", "lead_team": str(cast.social_care_team.id)}
    given |= {"lead_email": cast.social_worker.email, "sensitivity": "2", "sensitivity_reason": "A relative"}
    answer = hub.submit(page, given)
    assert answer.status_code == 303, answer.text[:3000]
    said = words(hub.soup(answer.location))
    assert f"{other.reference} on the child is yours now" in said
    owner = rows.scalars(select(Deadline.owner_id).filter_by(referral_id=other.id)).one()
    assert owner == cast.coordinator.id
