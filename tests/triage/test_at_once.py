"""Two forms that name the same children in another order, at once: the second waits, and none is lost."""

import threading
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.access import principal
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral, ReferralChild
from portal.records.referrals.rules import ChildDetails, FormAnswers
from portal.records.referrals.sending import send_referral, subjects_of
from portal.records.triage.child_match import recognise
from portal.records.triage.decision_rules import Opening
from portal.records.triage.decisions import hold_to_decide
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, Sensitivity, Urgency
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.people import open_session
from tests.factories.referrals import make_draft, make_sent_referral
from tests.races.holding import meeting
from tests.statements import noted
from tests.triage.conftest import Acting, decide

Act = Callable[[Principal], object]
NAMES = (("Wynnard", "Tessaly"), ("Orlaith", "Tessaly"))
NUMBERS = ("9434765919", "4010232137")

pytestmark = pytest.mark.lock_timeouts


def at_once(
    app: Flask, rows: Session, owner: Engine, does: Sequence[tuple[User, Act]]
) -> list[Exception | None]:
    """Each does theirs in a transaction, both as far before either goes on; what each met with."""
    with app.app_context():
        engine = db.engine
    tokens = [open_session(rows, person.id) for person, _ in does]
    met: list[Exception | None] = [None, None]
    start = threading.Barrier(2)
    with meeting(engine, owner) as held:

        def act(place: int) -> None:
            held.join()
            start.wait()
            try:
                with app.test_request_context("/test"):
                    principal.use_token(tokens[place])
                    try:
                        does[place][1](principal.current())
                        db.session.commit()
                    finally:
                        db.session.rollback()
                        principal.use_token("")
            except Exception as error:
                met[place] = error
            finally:
                held.leave()

        threads = [threading.Thread(target=act, args=(place,)) for place in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    rows.rollback()
    rows.expire_all()
    return met


def named(places: Sequence[int]) -> list[ChildDetails]:
    return [
        ChildDetails(given_name=NAMES[one][0], family_name=NAMES[one][1], nhs_number=NUMBERS[one])
        for one in places
    ]


def test_two_forms_that_are_sent_at_once_on_the_same_sealed_children_both_arrive(
    app: Flask, rows: Session, owner: Engine, cast: Cast
) -> None:
    for (given, family), number in zip(NAMES, NUMBERS, strict=True):
        child = make_child(rows, given, family, nhs_number=number)
        case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
        grant(rows, case, cast.coordinator, by=cast.coordinator)
        case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    drafts = [make_draft(rows, author).reference for author in (cast.officer, cast.social_worker)]
    answers = FormAnswers(urgency=Urgency.LATER, kind="child", what_happened="Seen at night.")

    def sends(place: int) -> Act:
        details = named((1, 0) if place else (0, 1))
        return lambda actor: send_referral(
            actor=actor, reference=drafts[place], answers=answers, details=details, version=1
        )

    met = at_once(app, rows, owner, [(cast.officer, sends(0)), (cast.social_worker, sends(1))])
    assert met == [None, None]
    assert len(rows.scalars(select(ReferralChild)).all()) == 4, "each was matched on each form"
    for draft in drafts:
        assert rows.scalars(select(Referral).filter_by(reference=draft)).one().state == "sent"


def test_whoever_decides_takes_their_turn_before_they_hold_the_form(
    app: Flask, rows: Session, cast: Cast, acting: Acting
) -> None:
    """Whoever seals a case of one of the children has the turn and writes on the forms that wait: held first,
    each would wait for the other.
    """
    several, one = (
        make_sent_referral(rows, cast.officer, children=named(places), district="high_peak")
        for places in ((0, 1), (0,))
    )
    with acting(cast.coordinator) as actor, noted(app) as sent:
        hold_to_decide(actor=actor, reference=several.reference)
        order = [word for said in sent for word in ("take_turn", "FOR UPDATE") if word in said]
        assert order == ["take_turn", "FOR UPDATE"]
        sent.clear()
        hold_to_decide(actor=actor, reference=one.reference)
        assert not any("take_turn" in said for said in sent), "nobody waits for another child"


def test_of_two_forms_that_are_decided_at_once_on_the_same_children_the_second_sees_what_the_first_did(
    app: Flask, rows: Session, owner: Engine, cast: Cast, acting: Acting
) -> None:
    children = [
        make_child(rows, *name, nhs_number=number).id for name, number in zip(NAMES, NUMBERS, strict=True)
    ]
    forms = [
        make_sent_referral(rows, cast.officer, children=named(places), district="high_peak")
        for places in ((0, 1), (1, 0))
    ]
    with acting(cast.coordinator) as actor:
        for form, places in zip(forms, ((0, 1), (1, 0)), strict=True):
            found = find_referral(actor=actor, reference=form.reference)
            for subject, place in zip(subjects_of(referral=found), places, strict=True):
                known = db.session.get_one(Child, children[place])
                recognise(actor=actor, referral=found, subject=subject, child=known)
    references, leads = [form.reference for form in forms], cast.social_care_team.id  # read in no thread

    def decides(place: int) -> Act:
        def act(actor: Principal) -> None:
            form = find_referral(actor=actor, reference=references[place])
            words = {one.id: "Seen at night." for one in subjects_of(referral=form)}
            opening = Opening(lead_team=db.session.get_one(Team, leads), sensitivity=Sensitivity.NORMAL)
            decide(actor, form, DecisionOutcome.OPEN_CASE, words=words, opening=opening, read=True)

        return act

    met = at_once(app, rows, owner, [(cast.coordinator, decides(0)), (cast.second_coordinator, decides(1))])
    refused = [one for one in met if one is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], DomainError), "it is told what stands, not to send again"
    assert len(rows.scalars(select(Case)).all()) == 2
