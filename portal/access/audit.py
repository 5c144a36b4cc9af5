"""Leaves a row for every look, change and refusal, in the transaction of what it is about.

That of a search tells whether two were for the same, and not for what: by a keyed hash of what was typed.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from flask import current_app, g, has_request_context, request
from sqlalchemy import insert
from sqlalchemy.orm import Session

from config.errors import SettingError
from portal import clock
from portal.access import principal
from portal.access.model import AuditEvent
from portal.extensions import db
from portal.model import Identified, new_id
from portal.pathway.characters import kept_only
from portal.pathway.searching import canonical
from portal.policy import current_policy


class SearchHash(NamedTuple):
    """A hash, and which key made it: hashes of two keys never agree."""

    key: str
    value: str


def search_hash(typed: str) -> SearchHash:
    """What the audit row of a search keeps beside what was found.

    Raises:
        SettingError: this process was given no key.
    """
    return search_hashes(typed)[0]


def search_hashes(typed: str) -> list[SearchHash]:
    """The hash by the present key and, after a change of it, by the former: to compare older rows with.

    Raises:
        SettingError: this process was given no key.
    """
    keys = [current_app.config[name] for name in ("SEARCH_HASH_KEY", "SEARCH_HASH_KEY_BEFORE")]
    if not keys[0]:
        raise SettingError("SEARCH_HASH_KEY is missing: searches cannot be put on record without it")
    said = canonical(typed, current_policy().names, clock.today())
    return [
        SearchHash(_hash(key, "which key this is")[:8], _hash(key, f"search {said}")) for key in keys if key
    ]


def _hash(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


#: Executed on the connection: the ORM's own way would cost each page as much as a query.
_INSERT = insert(AuditEvent).inline()
_CONCERNED = "concerned"
_LONGEST_ADDRESS = 2_000  # characters


class OfChild(Protocol):
    """A case, as the trail knows it."""

    @property
    def id(self) -> UUID: ...

    @property
    def child_id(self) -> UUID: ...


class OfCase(Protocol):
    """What hangs on a child, and mostly on a case of theirs."""

    @property
    def child_id(self) -> UUID | None: ...

    @property
    def case_id(self) -> UUID | None: ...


def record(
    action: str,
    subject: Identified | None = None,
    /,
    *,
    case: OfChild | None = None,
    of_case: OfCase | None = None,
    subject_kind: str | None = None,
    subject_id: UUID | None = None,
    child_id: UUID | None = None,
    case_id: UUID | None = None,
    ground: str | None = None,
    **details: Any,
) -> None:
    """Write that the person of this request did `action` (`noun:verb`).

    Args:
        action: what was done, in the form `case:view`.
        subject: the record it was done to; or `subject_kind` and `subject_id` of one that was not read.
        case: the case concerned, and by it its child, so that "who looked" can be answered.
        of_case: instead, what names its child and its case, often the subject itself; or `child_id` and
            `case_id`.
        ground: what gave the person the right (their reach, or the rule that refused).
        details: anything else worth keeping, as plain values. Never narrative, never a name.
    """
    if subject is not None:
        subject_kind, subject_id = subject.audited_as or subject.__tablename__, subject.id
    if case is not None:
        child_id, case_id = case.child_id, case.id
    if of_case is not None:
        child_id, case_id = of_case.child_id, of_case.case_id
    _write(
        db.session(),
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        child_id=child_id,
        case_id=case_id,
        ground=ground,
        details=details,
    )
    if has_request_context():
        g.audited = True
        g.setdefault(_CONCERNED, []).append((child_id, case_id))


def concerned() -> list[tuple[UUID | None, UUID | None]]:
    """The children and cases of the rows that this request has left: whom its page is about."""
    found: list[tuple[UUID | None, UUID | None]] = g.get(_CONCERNED, []) if has_request_context() else []
    return found


def record_refusal(action: str, *, ground: str, **details: Any) -> None:
    """Write a refusal in a transaction of its own, so that undoing the request does not undo it."""
    with Session(db.engine) as session:
        _write(session, action=action, ground=ground, details=details)
        session.commit()


def was_recorded() -> bool:
    """Whether this request has left a row."""
    return has_request_context() and bool(g.get("audited"))


def undone(before: bool) -> None:
    """What this request has written since is undone, its rows of the trail too.

    Args:
        before: whether it had left a row when that began.
    """
    if has_request_context():
        g.audited = before


def where() -> tuple[str | None, str | None]:
    """The route and the address of this request, as rows name them."""
    return (request.endpoint, _address()) if has_request_context() else (None, None)


def _write(session: Session, *, details: dict[str, Any], **facts: Any) -> None:
    who = principal.optional() if has_request_context() else None
    route, address = where()
    session.connection().execute(
        _INSERT,
        {
            "id": new_id(),
            "at": clock.now(),
            "actor_id": who.user_id if who else None,
            "agency_id": who.agency_id if who else None,
            "session_id": who.session_id if who else None,
            "route": route,
            "address": address,
            "details": details,
            **facts,
        },
    )


def _address() -> str:
    """The address as asked, without what is as good as a key: a one-time link, the answer of a provider.

    One that is no address of ours is written without what the database refuses, and not for ever.
    """
    if "token" in (request.view_args or {}):
        return str(request.url_rule)
    if {"code", "state"} & request.args.keys():
        return kept_only(request.path)[:_LONGEST_ADDRESS]
    return kept_only(request.full_path.rstrip("?"))[:_LONGEST_ADDRESS]


def record_search(
    typed: str, *, children: Sequence[UUID] = (), records: Sequence[str] = (), ground: str | None = None
) -> None:
    """Put a search on record. The database keeps what was typed apart; the hash tells who typed the same.

    Args:
        typed: what was sought.
        children: whom its results show.
        records: references of what else they show.
        ground: why nothing was looked for, where that is so.
    """
    compared = search_hash(typed)
    record(
        "child:search",
        subject_kind="child",
        ground=ground,
        sought=typed,
        search_hash=compared.value,
        search_key=compared.key,
        shown=[str(one) for one in children],
        records=list(records),
    )
