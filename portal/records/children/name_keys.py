"""Keeps the keys by which a child is found in step with what is known of the child."""

from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.policy import Names, current_policy
from portal.records.children.model import Child, ChildAlias, ChildStatement, NameKey
from portal.records.children.rules.matching import Facts, child_keys
from portal.services.versions import take_turns

Keys = set[tuple[str, bool]]


def write_name_keys(child: Child) -> None:
    """Make the keys of `child` those of its names, date of birth, NHS number and postcodes as they are now.

    Keys that come from an alias or a postcode are marked: they belong to the record, and whoever reaches the
    identity alone must not find the child by them. An address that must not be disclosed gives no key.
    """
    take_turns("name keys", child.id)
    _write(db.session(), child, current_policy().names)


def renew_name_keys(rows: Session, after: UUID | None, most: int) -> tuple[int, UUID | None]:
    """Make the keys of some children anew, in the order of their identifiers, after a change of `names.toml`.

    Args:
        rows: a session of the tables' owner, who reads every child.
        after: the last child that was done before; None begins.
        most: so many children at once.

    Returns:
        how many children got other keys, and the last that was looked at; None when there are no more.
    """
    some = select(Child).order_by(Child.id).limit(most).with_for_update()
    children = rows.scalars(some.where(Child.id > after) if after else some).all()
    changed = sum(_write(rows, child, current_policy().names) for child in children)
    return changed, children[-1].id if len(children) == most else None


def _write(rows: Session, child: Child, names: Names) -> bool:
    """Whether there was something to change."""
    owed = _owed(rows, child, names)
    held = {
        (key, from_alias)
        for key, from_alias in rows.execute(
            select(NameKey.key, NameKey.from_alias).where(NameKey.child_id == child.id)
        )
    }
    for from_alias in (False, True):
        gone = [key for key, marked in held - owed if marked is from_alias]
        if gone:
            rows.execute(
                delete(NameKey)
                .where(
                    NameKey.child_id == child.id, NameKey.from_alias.is_(from_alias), NameKey.key.in_(gone)
                )
                .execution_options(synchronize_session=False)
            )
    new = [{"child_id": child.id, "key": key, "from_alias": marked} for key, marked in sorted(owed - held)]
    if new:
        rows.execute(insert(NameKey).inline(), new)
    return owed != held


def keys_of(facts: Facts, aliases: tuple[str, ...], postcodes: frozenset[str], names: Names) -> Keys:
    """Every key of a child, each with whether it comes from the record rather than from the identity.

    Args:
        facts: identity alone.
    """
    known = child_keys(facts, names)
    whole = Facts(
        names=(*facts.names, *aliases),
        born=facts.born,
        born_is_estimate=facts.born_is_estimate,
        nhs_number=facts.nhs_number,
        postcodes=postcodes,
    )
    return {(key, False) for key in known} | {(key, True) for key in child_keys(whole, names) - known}


def _owed(rows: Session, child: Child, names: Names) -> Keys:
    aliases = tuple(rows.scalars(select(ChildAlias.name).where(ChildAlias.child_id == child.id)))
    postcodes = frozenset(
        postcode
        for postcode in rows.scalars(
            select(ChildStatement.postcode).where(
                ChildStatement.child_id == child.id,
                ChildStatement.kind == "address",
                ChildStatement.postcode.is_not(None),
                ChildStatement.do_not_disclose.is_(False),
            )
        )
        if postcode
    )
    identity = Facts(
        names=(f"{child.given_name} {child.family_name}".strip(),),
        born=child.dob,
        born_is_estimate=child.dob_is_estimate,
        nhs_number=child.nhs_number,
    )
    return keys_of(identity, aliases, postcodes, names)
