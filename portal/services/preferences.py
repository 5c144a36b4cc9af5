"""What people want to be told by e-mail. What the law or a clock needs is not theirs to switch off."""

from collections.abc import Collection

from sqlalchemy import select

from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.models.messages import MessagePreference
from portal.policy import current_policy
from portal.services.errors import DomainError


def choose(*, actor: Principal, by_mail: Collection[str]) -> None:
    """Send the actor e-mail of these kinds, and of no other that is theirs to choose.

    Args:
        by_mail: codes of policy `reminders.kinds`.

    Raises:
        DomainError: one of them is no kind, or always sent.
    """
    require(actor, "message:choose")
    offered = {kind.code for kind in current_policy().reminders.kinds.offered if not kind.statutory}
    if not set(by_mail) <= offered:
        raise DomainError("Choose from the list", field="kinds")
    mine = select(MessagePreference).where(MessagePreference.user_id == actor.user_id)
    known = {row.kind: row for row in db.session.scalars(mine)}
    changed = {}
    for kind in sorted(offered):
        wanted = kind in by_mail
        if kind in known and known[kind].by_mail != wanted:
            known[kind].by_mail = wanted
            changed[kind] = wanted
        elif kind not in known and not wanted:
            db.session.add(MessagePreference(user_id=actor.user_id, kind=kind, by_mail=False))
            changed[kind] = False
    db.session.flush()
    audit.record("message:choose", subject_kind="app_user", subject_id=actor.user_id, changed=changed)
