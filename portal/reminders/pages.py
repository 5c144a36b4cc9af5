"""Which permission the page asks for that a message leads to: nobody is sent a link that they may not open.

The pages themselves are chosen in `portal.web.message_subjects`; a test compares the two.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, false, or_

from portal import registry
from portal.access.permissions import PERMISSIONS
from portal.records.people.model import Agency
from portal.reminders.receivers import holds
from portal.vocabulary import Role, Sector

#: By the kind of message, where its subject does not say where to go.
OF_MESSAGE: Mapping[str, str] = {
    "digest": "work:view",
    "team_digest": "work:view",
    "team_left": "work:view",
    "work_left": "work:hand_over",
    "address_failed": "address:lift",
    "unsent_draft": "referral:write",
    "unsent_draft_of_team": "referral:view",
}

#: What every link asks for before it leads anywhere.
EVERY = "message:read"


def permission_of(kind: str, subject_kind: str) -> str:
    """What somebody has to hold to open the page of a message."""
    record = registry.records().get(subject_kind)
    return OF_MESSAGE.get(kind) or (record.permission if record else None) or EVERY


def may_open(permission: str) -> ColumnElement[bool]:
    """Whether a person (of `app_user`, with their `agency` beside them) holds a role for a page.

    As `portal.access.permissions.near`: the role of coordinator is nothing outside the hub.
    """
    roles = PERMISSIONS[permission].roles & PERMISSIONS[EVERY].roles
    elsewhere = roles - {Role.COORDINATOR}
    in_hub = holds(Role.COORDINATOR) & (Agency.sector == Sector.HUB) if Role.COORDINATOR in roles else false()
    return or_(holds(*elsewhere) if elsewhere else false(), in_hub)
