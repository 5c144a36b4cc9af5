"""Questions to teams end as a case is sealed, also those that whoever seals it does not see."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.referrals.model import Referral
from portal.records.requests.asking import ask
from portal.records.requests.model import InformationRequest
from portal.vocabulary import ReferralState, Sensitivity
from tests.access.test_reach import Asking
from tests.access.test_sealed import send
from tests.cases.pages import words
from tests.cases.test_sensitivity import change
from tests.cast import Cast
from tests.children.test_emptied import holds, matched
from tests.factories.cases import make_child
from tests.missing.test_linked_records import links
from tests.missing.test_pages import ClientFor
from tests.requests.conftest import QUESTION, Acting, questions
from tests.told import of_event

MAIL = "mail"


def asks_from_form(
    rows: Session, cast: Cast, acting: Acting, child: Child, form: Referral | None = None
) -> Referral:
    """The hub asks a team of health about a child on a form."""
    if form is None:
        form, subject = send(rows, cast.officer, given_name="Thorrin", family_name="Quellamey")
        form.state = ReferralState.IN_TRIAGE
        matched(rows, form, subject, child)
    with acting(cast.coordinator) as actor:
        held = db.session.get_one(Referral, form.id)
        ask(actor=actor, child_id=child.id, referral=held, teams=[cast.health_team.id], **QUESTION)
    return form


@pytest.mark.parametrize("emptied", [False, True])
def test_one_from_a_form_ends_when_the_lead_seals_the_case_and_the_team_hears(
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
    asks_from_form(rows, cast, acting, child)
    (waits,) = questions(rows)
    with asking(cast.nurse) as session:
        assert session.get(InformationRequest, waits.id) is not None
    lead = client_for(cast.social_worker)
    sent = change(lead, case, Sensitivity.SEALED, named=[str(cast.coordinator.id)])
    assert sent.status_code == 303
    done = words(lead.soup(f"/cases/{case.reference}"))
    (ended,) = questions(rows)
    assert ended.withdrawn_at is not None
    assert ended.withdrawn_reason == "The case was sealed: people are asked by name"
    states = rows.scalars(select(Deadline.state).filter_by(kind="information_request", subject_id=ended.id))
    assert states.all() == ["cancelled"]
    assert of_event(rows, "question_withdrawn", last_word=True) >= {
        (cast.health_team.id, MAIL, "asked_withdrawn")
    }
    for secret in (ended.reference, cast.health.name, "question was withdrawn"):
        assert secret not in done
    for person in (cast.nurse, cast.colleague, cast.stranger, cast.second_coordinator, cast.social_worker):
        with asking(person) as session:
            assert session.scalar(select(func.count()).select_from(InformationRequest)) == 0, person.name


def test_one_ends_when_its_record_is_linked_with_that_of_a_sealed_case_and_none_is_asked_after(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    between, far = make_child(rows, "Wynnard", "Tessaly"), make_child(rows, "Thorrin", "Quellamey")
    links(acting, cast, between, far)
    form = asks_from_form(rows, cast, acting, far)
    holds(rows, cast, case, Sensitivity.SEALED)
    (waits,) = questions(rows)
    assert waits.withdrawn_at is None
    links(acting, cast, rows.get_one(Child, case.child_id), between)
    (ended,) = questions(rows)
    assert ended.withdrawn_at is not None
    assert (cast.health_team.id, MAIL, "asked_withdrawn") in of_event(
        rows, "question_withdrawn", last_word=True
    )
    with pytest.raises(DomainError, match="sealed"):
        asks_from_form(rows, cast, acting, far, form)
