"""What a person has chosen for themselves; row security shows nobody another's."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.people.model import PersonSetting


def settings_of(person: Principal) -> PersonSetting:
    """What a person chose; where they chose nothing, what holds for everybody."""
    found = db.session.scalar(select(PersonSetting).filter_by(user_id=person.user_id))
    return found or PersonSetting(user_id=person.user_id, shortcuts=True)


def remember_entry(*, actor: Principal, kind: str, handling: str) -> None:
    """Keep what was chosen for an entry, so that the next form begins with it."""
    _set(actor, entry_kind=kind, entry_handling=handling)


def choose_shortcuts(*, actor: Principal, on: bool) -> None:
    """Switch single keys on or off."""
    _set(actor, shortcuts=on)
    audit.record("person:choose_shortcuts", subject_kind="app_user", subject_id=actor.user_id, on=on)


def end_tour(*, actor: Principal) -> None:
    """They took the tour, or do not want it: it is no longer offered, and stays in the menu."""
    _set(actor, toured_at=clock.now())


def is_new_edition(*, person: Principal, holds_from: date) -> bool:
    """Whether an edition of the policy is new to a person, who has not said that they saw it."""
    seen = select(PersonSetting.edition_seen).where(PersonSetting.user_id == person.user_id)
    return (db.session.scalar(seen) or date.min) < holds_from


def see_edition(*, actor: Principal, holds_from: date) -> None:
    """The actor says that they saw which edition of the policy holds. Never back to an earlier one."""
    row = insert(PersonSetting).values(user_id=actor.user_id, edition_seen=holds_from)
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["user_id"],
            set_={"edition_seen": holds_from},
            where=func.coalesce(PersonSetting.edition_seen, date.min) < holds_from,
        )
    )


def _set(actor: Principal, **chosen: Any) -> None:
    """In one statement, so that two pages of one person cannot come in each other's way."""
    row = insert(PersonSetting).values(user_id=actor.user_id, **chosen)
    db.session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=chosen))
