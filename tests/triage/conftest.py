"""What the tests of triage share: people who act, and forms that were sent."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.disclosures.disclosing import DisclosureRequest, disclose
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import Team
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import ChildDetails, FormAnswers, PlaceDetails
from portal.records.referrals.sending import subjects_of
from portal.records.triage import decisions
from portal.records.triage.decision_rules import DecisionSetting, Opening
from portal.records.triage.decisions import Decided
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, Sensitivity, Urgency
from tests.cases.conftest import Acting, acting
from tests.cast import Cast
from tests.factories.referrals import make_sent_referral

__all__ = ["Acting", "acting"]

ADA = ChildDetails(given_name="Ada", family_name="Fictional", age=14)
PARK = PlaceDetails(name="Example Park", district="high_peak")
TEXT = "Ada got into a car at Example Park. She came back with a new phone."
SOURCE = "Her friend Quentina told me in confidence"


def answers(text: str = TEXT, **facts: Any) -> FormAnswers:
    """What a form says, beside who and what is on it."""
    given: dict[str, Any] = {
        "urgency": Urgency.LATER,
        "kind": "child",
        "types": ("cse",),
        "contexts": ("group",),
        "district": "high_peak",
        "what_happened": text,
    }
    return FormAnswers(**(given | facts))


@pytest.fixture
def form(rows: Session, cast: Cast) -> Referral:
    """A form of the police officer's on a child and a place, with a source."""
    return make_sent_referral(
        rows, cast.officer, children=[ADA], others=[PARK], answers=answers(), source=SOURCE
    )


def decide(
    actor: Principal,
    form: Referral,
    *outcomes: DecisionOutcome,
    about: Sequence[int] | None = None,
    reason: str = "Because it fits",
    seen: Sequence[Any] = (),
    **setting: Any,
) -> Decided:
    """Decide what stands at the places `about` of a form (everything, by default)."""
    referral = decisions.hold_to_decide(actor=actor, reference=form.reference)
    subjects = [one for one in subjects_of(referral=referral) if about is None or one.position in about]
    if DecisionOutcome.SOCIAL_CARE_REFERRAL in outcomes:
        setting = {"words": {one.id: "She is at risk." for one in subjects}} | setting
    return decisions.decide(
        actor=actor,
        referral=referral,
        subjects=subjects,
        outcomes=outcomes,
        reason=reason,
        setting=DecisionSetting(**setting),
        seen=frozenset(seen),
    )


def opening(cast: Cast, sensitivity: Sensitivity = Sensitivity.NORMAL, **facts: Any) -> Opening:
    """A case that social care leads."""
    return Opening(
        lead_team=db.session.get_one(Team, cast.social_care_team.id), sensitivity=sensitivity, **facts
    )


def words_for(form: Referral, text: str = TEXT) -> dict[Any, str]:
    """The same words for whoever is first on the form."""
    first: ReferralSubject = (
        db.session.query(ReferralSubject).filter_by(referral_id=form.id, position=1).one()
    )
    return {first.id: text}


def tell_team(
    acting: Acting, cast: Cast, form: Referral, text: str, team: Team | None = None, *, first: int = 1
) -> None:
    """A coordinator tells a team (the police’s, by default) of what stands at one place of a form."""
    with acting(cast.coordinator) as actor:
        on_form = find_referral(actor=actor, reference=form.reference)
        telling = DisclosureRequest(
            decision=SharingDecision.SHARE,
            about=[one for one in subjects_of(referral=on_form) if one.position == first],
            text=text,
            purpose="protect_child",
            basis="public_task",
            family_told=True,
        )
        to = db.session.get_one(Team, (team or cast.police_team).id)
        disclose(actor=actor, referral=on_form, team=to, telling=telling, once=uuid4())
