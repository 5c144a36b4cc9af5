"""The first steps of a partnership, before there is anybody who could sign in and take them.

Whoever may run these may write to every table anyway: they work as the owner of the tables, from a shell on
the server. From the first administrators on, everything goes through the pages and takes two of them.
"""

import secrets
from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.access.sign_in.discovery import secret_name
from portal.changes.errors import DomainError
from portal.model import new_id
from portal.records.people import roles, sign_in
from portal.records.people.agencies import checked_code
from portal.records.people.keeping import INVITATION_LASTS
from portal.records.people.model import Agency, IdentityProvider, StaffInvite, User
from portal.records.people.sign_in import invitation_hash
from portal.vocabulary import Role, Sector


def found_agency(rows: Session, *, code: str, name: str, sector: Sector) -> None:
    """Add an agency. Raises DomainError for a code that is taken or cannot be part of an address."""
    if _agency(rows, checked_code(code)) is not None:
        raise DomainError("Another agency has this code.")
    agency = Agency(id=new_id(), code=code, name=name, sector=sector, districts=[], active=True)
    rows.add(agency)
    rows.flush()
    _leave_row(rows, "agencies:add", "agency", agency.id, code=code)


def found_provider(
    rows: Session,
    *,
    code: str,
    name: str,
    issuer: str,
    client_id: str,
    required_acr: Collection[str],
    required_amr: Collection[str],
    allow_http: bool,
) -> None:
    """Add the partnership's own provider, which serves every agency that has none, and switch it on.

    Raises DomainError for an issuer that is not https or is known, and if the partnership has a provider.
    """
    if rows.scalar(select(IdentityProvider.id).where(IdentityProvider.is_partnership_default)):
        raise DomainError("The partnership has a provider. Add others on the administration pages.")
    provider = IdentityProvider(
        id=new_id(),
        code=checked_code(code),
        name=name,
        issuer=sign_in.checked_issuer(issuer, allow_http=allow_http),
        client_id=client_id,
        secret_name=secret_name(code),
        required_acr=sorted(required_acr),
        required_amr=sorted(required_amr),
        is_partnership_default=True,
        active=True,
    )
    rows.add(provider)
    rows.flush()
    _leave_row(rows, "providers:add", "provider", provider.id, issuer=issuer)


def invite(rows: Session, *, agency_code: str, name: str, email: str, given: Collection[Role]) -> str:
    """Invite somebody with any roles, without a second administrator; gives the token of their link.

    Raises DomainError for no such agency, and for roles that clash.
    """
    agency = _agency(rows, agency_code)
    if agency is None:
        raise DomainError(f"There is no agency with the code {agency_code}.")
    wanted = roles.checked(given, sector=agency.sector)
    user = User(id=new_id(), agency_id=agency.id, name=name, email=email, roles=sorted(wanted))
    rows.add(user)
    rows.flush()
    token = secrets.token_urlsafe(32)
    link = StaffInvite(
        user_id=user.id,
        token_hash=invitation_hash(token),
        expires_at=clock.now() + INVITATION_LASTS,
    )
    rows.add(link)
    _leave_row(rows, "people:invite", "person", user.id, agency=agency_code, roles=sorted(wanted))
    return token


def _agency(rows: Session, code: str) -> Agency | None:
    return rows.scalar(select(Agency).where(Agency.code == code))


def _leave_row(rows: Session, action: str, kind: str, subject_id: Any, **details: Any) -> None:
    values = {
        "id": new_id(),
        "at": clock.now(),
        "action": action,
        "subject_kind": kind,
        "subject_id": subject_id,
        "ground": "command line",
        "details": details,
    }
    rows.execute(insert(AuditEvent).inline(), values)
