"""Who hears that a team was told something, and that it was withdrawn."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.policy import current_policy
from portal.records.disclosures.disclosing import DisclosureRequest, disclose, withdraw
from portal.records.disclosures.ledger import confirm_receipt
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import Team
from portal.records.referrals.model import Referral
from portal.records.referrals.sending import subjects_of
from portal.records.triage.decisions import live_decisions, reopen
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, TriageColour
from tests.cast import Cast
from tests.factories.referrals import make_sent_referral
from tests.missing.test_pages import ClientFor
from tests.told import heard, page_words
from tests.triage.conftest import PARK, Acting, answers, decide


def tells(
    acting: Acting, cast: Cast, form: Referral, decision: SharingDecision = SharingDecision.SHARE
) -> UUID:
    """Tell the nurse's team about the park on a form, or do not."""
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference)
        return disclose(
            actor=actor,
            referral=referral,
            team=db.session.get_one(Team, cast.health_team.id),
            telling=DisclosureRequest(
                decision=decision,
                about=subjects_of(referral=referral),
                text="A car was seen at the park.",
                purpose="protect_child",
                basis="public_task",
                refusal="not_needed" if decision is SharingDecision.REFUSE else "",
                family_told=True,
            ),
            once=uuid4(),
        ).id


def park(rows: Session, cast: Cast, colour: TriageColour = TriageColour.GREEN) -> Referral:
    return make_sent_referral(
        rows, cast.officer, children=[], others=[PARK], answers=answers(), colour=colour
    )


@pytest.mark.parametrize(
    ("colour", "event", "kind"),
    [
        (TriageColour.GREEN, "disclosure_made", "told"),
        (TriageColour.RED, "red_disclosure_made", "told_urgent"),
    ],
)
def test_a_team_hears_that_it_was_told_and_at_any_hour_of_what_is_red(
    rows: Session, cast: Cast, acting: Acting, colour: TriageColour, event: str, kind: str
) -> None:
    tells(acting, cast, park(rows, cast, colour))
    assert heard(rows, cast, event) == {f"health_team mail {kind}", f"nurse portal {kind}"}
    urgent = rows.scalars(select(OutboxMessage.urgent).filter_by(event=event)).all()
    assert set(urgent) == {colour is TriageColour.RED}


@pytest.mark.parametrize("colour", [TriageColour.GREEN, TriageColour.RED])
def test_what_is_withdrawn_is_the_last_that_they_hear_of_it_at_any_hour_where_it_was_told_so(
    rows: Session, cast: Cast, acting: Acting, colour: TriageColour
) -> None:
    made = tells(acting, cast, park(rows, cast, colour))
    with acting(cast.nurse) as actor:
        confirm_receipt(actor=actor, disclosure=db.session.get_one(Disclosure, made))
    with acting(cast.coordinator) as actor:
        withdraw(actor=actor, disclosure=db.session.get_one(Disclosure, made), reason="Another park")
    assert heard(rows, cast, "disclosure_withdrawn") == {
        "health_team mail told_withdrawn",
        "nurse mail told_withdrawn",
    }
    last = rows.scalars(select(OutboxMessage.last_word).filter_by(event="disclosure_withdrawn"))
    assert set(last) == {True}
    urgent = rows.scalars(select(OutboxMessage.urgent).filter_by(event="disclosure_withdrawn"))
    assert set(urgent) == {colour is TriageColour.RED}


def test_of_a_refusal_nobody_outside_hears_although_it_is_withdrawn(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    made = tells(acting, cast, park(rows, cast), SharingDecision.REFUSE)
    with acting(cast.coordinator) as actor:
        withdraw(actor=actor, disclosure=db.session.get_one(Disclosure, made), reason="They need it")
    assert not rows.scalars(select(OutboxMessage)).all()


def test_whoever_was_told_hears_that_the_decision_behind_it_was_taken_back(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    form = park(rows, cast)
    made = tells(acting, cast, form)
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.NO_FURTHER_ACTION)
        referral = find_referral(actor=actor, reference=form.reference)
        reopen(actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="Wrong")
    assert heard(rows, cast, "form_reopened_after_telling") == {
        "health_team mail told_changed",
        "nurse portal told_changed",
    }
    told = client_for(cast.nurse).soup(f"/told/{rows.get_one(Disclosure, made).reference}")
    line = current_policy().reminders.kinds["told_changed"].line
    for words in (told.get_text(" ", strip=True), line):
        assert "It may be about another child, or about something else on the form" in words


def test_whoever_passed_it_on_sees_in_the_portal_that_it_was_received(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    number = tells(acting, cast, park(rows, cast))
    for _ in range(2):  # the second time changes nothing
        with acting(cast.nurse) as actor:
            confirm_receipt(actor=actor, disclosure=db.session.get_one(Disclosure, number))
            assert page_words() == "", "the team need not know who of the hub it was"
        assert heard(rows, cast, "disclosure_confirmed") == {"coordinator portal receipt_confirmed"}
