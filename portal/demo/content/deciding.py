"""What the hub decided about the children, people and things on the forms."""

from collections.abc import Mapping

from portal.access.principal import Principal
from portal.demo.content.acting import person, team_of
from portal.demo.content.forms import Written
from portal.demo.content.reading import Described
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence.grading import Grading
from portal.records.referrals.model import Referral
from portal.records.referrals.sending import subject_at
from portal.records.triage import decisions
from portal.records.triage.decision_rules import Opening, Setting
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome, Sensitivity


def decide(actor: Principal, referral: Referral, step: Described, written: Mapping[str, Written]) -> None:
    """Decide some of what is on a form, with what the outcomes need."""
    about = [subject_at(referral=referral, position=position) for position in step.get("about", ())]
    decisions.decide(
        actor=actor,
        referral=referral,
        subjects=about,
        outcomes=[DecisionOutcome(outcome) for outcome in step["outcomes"]],
        reason=step["reason"],
        setting=Setting(
            opening=_opening(step["opening"]) if "opening" in step else None,
            words={
                subject_at(referral=referral, position=int(position)).id: words
                for position, words in step.get("words", {}).items()
            },
            handling=Handling.NETWORK,
            family_safe=FamilySafe(step.get("family", "ask")),
            authority=step.get("authority", ""),
            nature=InformationNature.INTELLIGENCE if "grading" in step else InformationNature.CONCERN,
            grading=Grading(**step["grading"]) if "grading" in step else None,
            district=step.get("district", ""),
            duplicate_of=written[step["duplicate_of"]].reference if "duplicate_of" in step else "",
            eligibility_reason=step.get("eligibility_reason", ""),
        ),
    )


def reopen(actor: Principal, referral: Referral, step: Described) -> None:
    """Take back what was decided on a form."""
    decisions.reopen(
        actor=actor,
        referral=referral,
        decisions=decisions.live_decisions(referral=referral),
        reason=step["reason"],
    )


def _opening(said: Described) -> Opening:
    lead = person(said["lead"])
    return Opening(
        lead_team=team_of(lead),
        lead_professional=lead,
        sensitivity=Sensitivity(said.get("sensitivity", 0)),
        sensitivity_reason=said.get("reason", ""),
        named=[person(who) for who in said.get("named", ())],
    )
