"""Records that the hub said are of one child: a form offers them as one, and goes with that of the case."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink
from portal.records.referrals.model import Referral, ReferralChild
from portal.records.triage.child_match import recognise
from portal.records.triage.model import TriageDecision
from portal.vocabulary import CaseState, DecisionOutcome, Sensitivity
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.cases import make_case
from tests.factories.children import known_child
from tests.factories.referrals import subjects_of
from tests.missing.test_pages import ClientFor
from tests.triage.conftest import decide, words_for


@pytest.fixture
def main(rows: Session, cast: Cast) -> Child:
    """The record of the child on the form under which there is a case. Its name is another."""
    return known_child(rows, "Zephyrine", "Otherwise", by=cast.coordinator)


@pytest.fixture
def case(rows: Session, cast: Cast, main: Child) -> Case:
    return make_case(rows, main, lead=cast.social_care, opened_by=cast.coordinator)


@pytest.fixture
def double(rows: Session, cast: Cast) -> Child:
    """A second record, which resembles the child on the form."""
    return known_child(rows, "Ada", "Fictional", by=cast.coordinator)


def links(rows: Session, cast: Cast, one: Child, other: Child) -> ChildLink:
    said = {"reason": "The same mother", "linked_by": cast.coordinator.id, "created_at": clock.now()}
    link = ChildLink(id=new_id(), child_a=one.id, child_b=other.id, **said)
    rows.add(link)
    rows.commit()
    return link


def says(rows: Session, form: Referral, child: Child) -> None:
    """That the child on the form is of this record, as it was said before the two were linked."""
    subject = subjects_of(rows, form)[0].id
    rows.add(
        ReferralChild(subject_id=subject, referral_id=form.id, child_id=child.id, matched_at=clock.now())
    )
    rows.commit()


def who(rows: Session, form: Referral) -> object:
    rows.rollback()
    return rows.scalars(select(ReferralChild.child_id).filter_by(referral_id=form.id)).one()


def test_they_are_offered_as_one_the_one_with_the_open_case_and_the_other_is_named_with_it(
    rows: Session, cast: Cast, form: Referral, main: Child, case: Case, double: Child, client_for: ClientFor
) -> None:
    links(rows, cast, double, main)
    alike = known_child(rows, "Ada", "Fictional", by=cast.coordinator)
    links(rows, cast, main, alike)
    offered = client_for(cast.coordinator).soup(f"/triage/{form.reference}").select(".app-candidate")
    [said] = [one.get_text(" ", strip=True) for one in offered]
    assert said.index(main.reference) < said.index(case.reference) < said.index(double.reference)
    assert f"Linked, the same child: Ada Fictional {double.reference}" in said
    assert f"Linked, the same child: Ada Fictional {alike.reference}" in said


def test_two_children_after_all_are_offered_as_two(
    rows: Session, cast: Cast, form: Referral, double: Child, client_for: ClientFor
) -> None:
    alike = known_child(rows, "Ada", "Fictional", by=cast.coordinator)
    link = links(rows, cast, double, alike)
    link.unlinked_at, link.unlinked_by, link.unlink_reason = clock.now(), cast.coordinator.id, "Two mothers"
    rows.commit()
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}")
    assert len(page.select(".app-candidate")) == 2
    assert "Linked" not in page.get_text()


def test_of_a_sealed_record_whoever_is_not_named_on_it_learns_nothing_from_a_linked_one(
    rows: Session, cast: Cast, form: Referral, main: Child, case: Case, double: Child, client_for: ClientFor
) -> None:
    links(rows, cast, double, main)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    assert double.reference not in page, "without a case of its own it is as closed"
    make_case(rows, double, lead=cast.social_care, opened_by=cast.coordinator, state=CaseState.CLOSED)
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    assert double.reference in page
    assert main.reference not in page
    assert "Zephyrine" not in page
    assert "Linked" not in page


def test_whoever_chooses_the_other_record_is_told_that_the_form_goes_with_the_one_that_has_the_case(
    rows: Session, cast: Cast, form: Referral, main: Child, case: Case, double: Child, client_for: ClientFor
) -> None:
    links(rows, cast, double, main)
    client = client_for(cast.coordinator)
    client.submit(f"/triage/{form.reference}/children/1", {"child": double.reference})
    page = client.soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    assert f"The form goes with {main.reference}, the record of the same child that has the case" in page
    assert who(rows, form) == main.id
    done = rows.scalars(select(AuditEvent).filter_by(action="referral:recognise")).one()
    assert (done.child_id, done.details["said"]) == (main.id, str(double.id))


def test_a_form_on_either_record_goes_onto_the_open_case_without_a_circle(
    rows: Session, cast: Cast, form: Referral, main: Child, case: Case, double: Child, acting: Acting
) -> None:
    """Also where they were linked only after the coordinator had said which record it is."""
    says(rows, form, double)
    links(rows, cast, double, main)
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.ADD_TO_CASE, about=[1], words=words_for(form, "Ada was seen"))
    assert who(rows, form) == main.id
    assert rows.scalars(select(TriageDecision.case_id)).one() == case.id


def test_without_a_case_the_record_that_was_chosen_stays(
    rows: Session, cast: Cast, form: Referral, main: Child, double: Child, acting: Acting
) -> None:
    links(rows, cast, double, main)
    with acting(cast.coordinator) as actor:
        held = db.session.get_one(Referral, form.id)
        subject = db.session.merge(subjects_of(rows, form)[0])
        child = db.session.get_one(Child, double.id)
        assert recognise(actor=actor, referral=held, subject=subject, child=child).id == double.id
