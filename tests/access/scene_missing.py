"""A child who was missing and is back, with a case of its own: an episode tells people who the child is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from portal import clock
from portal.pathway.references import Prefix
from portal.records.attachments.vocabulary import FileKind
from portal.records.children.model import Child
from portal.records.people.model import User
from tests.cast import Cast
from tests.factories.attachments import make_file
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.interviews import make_interview, make_return
from tests.factories.missing import make_match, make_prompt

if TYPE_CHECKING:
    from tests.access.scene import Side


RETURNED_ADDRESSES: dict[str, Mapping[str, str]] = {
    "return_interviews": {"reference": "interview", "child_reference": "missing child"},
    "return_interviews.download": {"reference": "completed interview"},
    "return_interviews.put_right": {"reference": "completed interview"},
    "missing": {"reference": "returned episode", "child_reference": "missing child"},
}
RETURNED_PREFIXES = {
    "missing child": Prefix.CHILD,
    "returned case": Prefix.CASE,
    "returned episode": Prefix.MISSING,
    "picture": Prefix.ATTACHMENT,
    "interview": Prefix.INTERVIEW,
    "completed interview": Prefix.INTERVIEW,
}


def add_returned(rows: Session, cast: Cast, side: Side, author: User, decider: User) -> None:
    """Write them. Whoever records is of the author’s team, or of social care where that is the police."""
    by, team = (
        (cast.social_worker, cast.social_care_team)
        if author.agency_id == cast.police.id
        else (author, cast.school_team)
    )
    child = make_child(rows, "Sorrelby", "Thackeroy")
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=decider, lead_professional_id=cast.social_worker.id
    )
    for person in (decider, author):
        grant(rows, case, person, by=decider)
    if by is cast.social_worker:
        involve(rows, case, cast.social_care_team, by=decider, worker=cast.social_worker)
        involve(rows, case, cast.police_team, by=decider)
    one, other, third = (make_return(rows, child, by, recorded_team_id=team.id) for _ in range(3))
    make_prompt(rows, [one, other, third])
    make_match(rows, third, rows.get_one(Child, side.case.child_id))
    declined = {"offered": "yes", "offered_how": "phone", "accepted": False}  # every step is open from here
    begun = make_interview(rows, [one], by, team_id=team.id, **declined)
    now = clock.now()
    completed = make_interview(
        rows,
        [other],
        by,
        team_id=team.id,
        offered="yes",
        offered_how="phone",
        accepted=True,
        done_at=now,
        independent=True,
        completed_at=now,
        completed_by=by.id,
        answers={"where": "x"},
    )
    side.cases = [side.case, case]
    side.names |= {
        "missing child": child.reference,
        "returned case": case.reference,
        "returned episode": third.reference,
        "picture": make_file(rows, third, by, kind=FileKind.PNG).reference,
        "interview": begun.reference,
        "completed interview": completed.reference,
    }
