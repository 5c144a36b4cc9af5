"""Two forms in triage on one child: each says that the other waits, for whoever triages both."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.children.model import Child
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralSeal
from portal.records.referrals.rules import ChildDetails
from portal.records.referrals.sending import subjects_of
from portal.records.triage.child_match import recognise
from portal.vocabulary import DecisionOutcome, Sensitivity, TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, make_case, make_child
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import Acting, answers, decide
from tests.triage.test_telling import found

Browser = Callable[[User | None], Client]
MARIT = ChildDetails(given_name="Marit", family_name="Quẳng-Oduya", age=13)
ELSE = DecisionOutcome.NO_FURTHER_ACTION


def sent(
    rows: Session, author: User, child: ChildDetails = MARIT, colour: TriageColour = TriageColour.RED
) -> Referral:
    return make_sent_referral(rows, author, children=[child], answers=answers(), colour=colour)


def waits(client: Client, form: Referral) -> list[str]:
    """What each page of a form says of others that wait: the form, and deciding."""
    pages = (f"/triage/{form.reference}", f"/triage/{form.reference}/decide")
    said = [
        [one.get_text(" ", strip=True) for one in client.soup(page).select(".app-waiting")] for page in pages
    ]
    assert said[0] == said[1]
    return said[0]


def test_each_says_that_the_other_waits_until_one_is_decided(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser
) -> None:
    first, second = (
        sent(rows, cast.officer),
        sent(rows, cast.nurse, ChildDetails(given_name="Marit", family_name="Quang Oduya", age=14)),
    )
    sent(rows, cast.teacher, ChildDetails(given_name="Tobias", family_name="Quillholt", age=14))
    hub = client_for(cast.coordinator)
    for one, other in ((first, second), (second, first)):
        (said,) = waits(hub, one)
        assert other.reference in said
        assert "Read both before you decide on either" in said
    with acting(cast.coordinator) as actor:
        decide(actor, first, ELSE)
    assert waits(hub, second) == []


def test_of_a_known_child_by_whatever_name_and_not_of_one_who_was_said_to_be_another(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser
) -> None:
    child, another = make_child(rows, "Marit", "Quillnote"), make_child(rows, "Marit", "Quilldrum")
    forms = [sent(rows, cast.officer), sent(rows, cast.nurse, ChildDetails(other_names="Zed", age=13))]

    def says(form: Referral, who: Child) -> None:
        with acting(cast.coordinator) as actor:
            referral = found(actor, form)
            (subject,) = subjects_of(referral=referral)
            recognise(
                actor=actor, referral=referral, subject=subject, child=db.session.get_one(Child, who.id)
            )

    hub = client_for(cast.coordinator)
    assert waits(hub, forms[0]) == []
    for form in forms:
        says(form, child)
    (said,) = waits(hub, forms[0])
    assert "The same known child" in said
    says(forms[1], another)
    assert waits(hub, forms[0]) == []


def test_a_form_of_a_sealed_child_is_named_to_nobody_else(
    rows: Session, cast: Cast, acting: Acting, client_for: Browser
) -> None:
    open_, sealed = sent(rows, cast.officer), sent(rows, cast.nurse)
    child = make_child(rows, "Marit", "Quillnote")
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, case, cast.second_coordinator, by=cast.coordinator)
    with acting(cast.coordinator) as actor:
        referral = found(actor, sealed)
        (subject,) = subjects_of(referral=referral)
        recognise(actor=actor, referral=referral, subject=subject, child=db.session.get_one(Child, child.id))
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert rows.scalars(select(ReferralSeal).filter_by(referral_id=sealed.id)).all()
    assert waits(client_for(cast.coordinator), open_) == []
    (said,) = waits(client_for(cast.second_coordinator), open_)
    assert sealed.reference in said
    assert client_for(cast.officer).get(f"/triage/{open_.reference}").status_code == 403
