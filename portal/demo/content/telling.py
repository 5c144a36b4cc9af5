"""What the hub told agencies of a form, and whether they have said that they have it."""

from sqlalchemy import select

from portal.access.principal import Principal
from portal.demo.content.acting import team_called
from portal.demo.content.reading import Described
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.disclosures.disclosing import Telling, tell
from portal.records.disclosures.ledger import confirm_receipt
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.referrals.model import Referral, ReferralChild
from portal.records.referrals.sending import subject_at
from portal.records.triage import decision_effects as joining_from_form


def tell_team(actor: Principal, referral: Referral, said: Described) -> None:
    """Tell a team, or decide not to; `joins` brings it onto the case of the first child, and says why."""
    about = [subject_at(referral=referral, position=position) for position in said["about"]]
    telling = Telling(
        decision=SharingDecision(said.get("decision", SharingDecision.SHARE)),
        about=about,
        text=said.get("text", ""),
        purpose=said.get("purpose", "protect_child"),
        basis=said.get("basis", "public_task"),
        conditions=said.get("conditions", ()),
        reason=said.get("reason", ""),
        refusal=said.get("refusal", ""),
        family_told=said.get("family_told", False),
        family_reason=said.get("family_reason", ""),
    )
    team = team_called(said["team"])
    tell(actor=actor, referral=referral, team=team, telling=telling, once=new_id())
    if why := said.get("joins"):
        of_child = select(Case).join(ReferralChild, ReferralChild.child_id == Case.child_id)
        case = db.session.scalars(of_child.where(ReferralChild.subject_id == about[0].id)).one()
        joining_from_form.join(actor=actor, referral=referral, case=case, team=team, reason=why)


def receive(actor: Principal) -> None:
    """Confirm everything that the person or a team of theirs has been told and not confirmed."""
    waiting = select(Disclosure).where(Disclosure.confirmed_at.is_(None))
    for told in db.session.scalars(waiting):
        if {told.receiver_id, told.receiver_team_id} & actor.readers:
            confirm_receipt(actor=actor, disclosure=told)
