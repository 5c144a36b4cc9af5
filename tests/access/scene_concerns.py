"""Something of concern on each side of the scene, with everything that an address of it names."""

from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.children.model import Child
from portal.records.concerns.model import ConcernDifference
from portal.records.people.model import Team, TeamMember, User
from tests.cast import Cast
from tests.factories.concerns import link, make_concern, release

#: Which record each part of an address names.
NAMES = {
    "reference": "concern",
    "other_reference": "other concern",
    "kind": "=place",
    "release_id": "concern release",
    "link_id": "concern link",
    "difference_id": "concern difference",
}


def add_concerns(
    rows: Session, cast: Cast, child: Child, author: User, *, closely: bool = False
) -> dict[str, str]:
    """A person of concern and a place that somebody's agency recorded and owns, and released to social care.

    Args:
        closely: only for the author's team, its managers and the hub, and released to nobody.
    """
    team = rows.query(Team).join(TeamMember, TeamMember.team_id == Team.id).filter_by(user_id=author.id).one()
    held: dict[str, Any] = {"sensitivity": int(closely), "owner_team_id": team.id}
    person = make_concern(rows, author, kind="person", name="Zed Grubb", **held)
    place = make_concern(rows, author, name="Zubrowka Arcade", **held)
    link(rows, place, child, author, role="seen_there")
    released = [release(rows, one, cast.social_care, author) for one in (person, place)]
    if closely:
        for one in released:
            one.withdrawn_at, one.withdrawn_by = one.released_at, author.id
    between = link(rows, person, place, author)
    apart = ConcernDifference(
        id=new_id(),
        concern_id=person.id,
        other_id=place.id,
        said_by=author.id,
        agency_id=author.agency_id,
        said_at=clock.now(),
    )
    rows.add(apart)
    rows.commit()
    return {
        "concern": person.reference,
        "other concern": place.reference,
        "concern release": str(released[0].id),
        "concern link": str(between.id),
        "concern difference": str(apart.id),
    }
