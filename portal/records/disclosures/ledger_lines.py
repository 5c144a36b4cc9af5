"""Lines on the sharing ledger for what is read at a page of its own: minutes, the summaries of a panel.

The line says who was given what and why; its text only says where that is read, and names no child.
"""

from uuid import UUID

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.disclosures.model.disclosures import Disclosure, DisclosureText
from portal.records.disclosures.vocabulary import SharingDecision
from portal.vocabulary import TriageColour

#: Under which heads of policy `sharing` these are given: always these, so nobody is asked.
PURPOSE, BASIS = "protect_child", "public_task"


def put_on_ledger(
    *,
    actor: Principal,
    case_id: UUID | None,
    agency_id: UUID | None,
    team_id: UUID | None,
    person_id: UUID | None,
    decision: SharingDecision,
    reason: str,
    words: str,
) -> UUID:
    """Write that the actor gave an agency, its team or a person something.

    Args:
        decision: whether all of it was shared, or a part.
        words: what it is and where it is read; never what it says.

    Returns:
        the identifier of the line.
    """
    line = Disclosure(
        id=new_id(),
        reference=new_reference(Prefix.DISCLOSURE),
        case_id=case_id,
        giver_id=actor.user_id,
        giver_agency_id=actor.agency_id,
        receiver_agency_id=agency_id,
        receiver_team_id=team_id,
        receiver_id=person_id,
        decision=decision,
        purpose=PURPOSE,
        basis=BASIS,
        reason=reason,
        colour=TriageColour.GREEN,
        decided_at=clock.now(),
    )
    db.session.add(line)
    db.session.flush()
    db.session.add(DisclosureText(disclosure_id=line.id, text=words))
    db.session.flush()
    return line.id
