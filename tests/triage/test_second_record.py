"""A second record of a child is not started without a question where the child resembles a known one."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.children.recording import write_name_keys
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import ChildDetails
from portal.records.referrals.sending import subjects_of
from portal.records.triage.child_match import start_record
from portal.vocabulary import DecisionOutcome
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_case, make_child
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import Acting, answers, decide, opening, words_for
from tests.triage.test_pages import fields_of
from tests.triage.test_telling import found

Browser = Callable[[User | None], Client]
OPEN = DecisionOutcome.OPEN_CASE
MIREMBE = ChildDetails(given_name="Mirembe", family_name="Quillholt", age=14)


@pytest.fixture
def known(rows: Session, cast: Cast, acting: Acting) -> Child:
    """A child of this name and about this age, with a case."""
    born = date(clock.today().year - 14, 2, 3)
    child = make_child(rows, "Mirembe", "Quillholt", dob=born)
    make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    with acting(cast.coordinator):
        write_name_keys(db.session.get_one(Child, child.id))
    return child


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    return make_sent_referral(rows, cast.officer, children=[MIREMBE], answers=answers())


def children(rows: Session) -> int | None:
    rows.rollback()
    return rows.scalar(select(func.count()).select_from(Child))


def test_a_record_is_started_only_once_somebody_says_that_it_is_another(
    rows: Session, cast: Cast, known: Child, form: Referral, client_for: Browser
) -> None:
    address, hub = f"/triage/{form.reference}/children/1/new", client_for(cast.coordinator)
    page = hub.soup(address)
    said = page.get_text(" ", strip=True)
    assert "Known children it may be" in said
    assert known.reference in said
    fields = fields_of(page, address)
    refused = hub.submit(address, fields)
    assert refused.status_code == 422
    assert f"Mirembe Quillholt may be Mirembe Quillholt, {known.reference}" in refused.text
    assert children(rows) == 1
    assert hub.submit(address, fields | {"others": [known.reference]}).status_code == 303
    assert children(rows) == 2


def test_opening_a_case_asks_too_and_the_page_for_deciding_names_who_it_may_be(
    rows: Session, cast: Cast, known: Child, form: Referral, client_for: Browser
) -> None:
    address, hub = f"/triage/{form.reference}/decide", client_for(cast.coordinator)
    page = hub.soup(address)
    alike = page.select_one("#alike-1")
    assert alike is not None
    assert known.reference in alike.get_text()
    fields = fields_of(page, address) | {"about": ["1"], "outcomes": [OPEN.value], "reason": "Not known"}
    fields |= {"lead_team": str(cast.social_care_team.id)}
    refused = hub.submit(address, fields)
    assert refused.status_code == 422
    assert "tick that it is not" in refused.text
    assert children(rows) == 1
    assert rows.scalar(select(func.count()).select_from(Case)) == 1
    assert hub.submit(address, fields | {"others": [known.reference]}).status_code == 303
    assert children(rows) == 2


def test_the_deciding_page_of_a_later_form_names_the_other_record(
    rows: Session, cast: Cast, acting: Acting, known: Child, form: Referral, client_for: Browser
) -> None:
    with acting(cast.coordinator) as actor:
        setting: dict[str, Any] = {
            "opening": opening(cast),
            "words": words_for(form),
            "others": [known.reference],
        }
        decide(actor, form, OPEN, about=[1], **setting)
    later = make_sent_referral(rows, cast.nurse, children=[MIREMBE], answers=answers())
    hub = client_for(cast.coordinator)
    hub.submit(f"/triage/{later.reference}/children/1", {"child": known.reference})
    other = rows.scalars(select(Child.reference).where(Child.id != known.id)).one()
    alike = hub.soup(f"/triage/{later.reference}/decide").select_one("#alike-1")
    assert alike is not None
    assert other in alike.get_text()
    assert known.reference not in alike.get_text()


def test_nobody_is_asked_of_a_child_whom_they_resemble_only_by_the_surname(
    rows: Session, cast: Cast, acting: Acting, known: Child
) -> None:
    brother = ChildDetails(given_name="Tobias", family_name="Quillholt", age=9)
    form = make_sent_referral(rows, cast.officer, children=[brother], answers=answers())
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        (subject,) = subjects_of(referral=referral)
        assert start_record(actor=actor, referral=referral, subject=subject) is not None
    assert children(rows) == 2


def test_a_tick_of_one_does_not_answer_for_another(
    rows: Session, cast: Cast, acting: Acting, known: Child, form: Referral
) -> None:
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        (subject,) = subjects_of(referral=referral)
        with pytest.raises(DomainError) as refused:
            start_record(actor=actor, referral=referral, subject=subject, others=["CHD-7KQ2-9XWD"])
    assert refused.value.field == "others"
    assert children(rows) == 1
