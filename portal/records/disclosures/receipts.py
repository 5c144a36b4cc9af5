"""Confirming that what was told has arrived."""

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.disclosures.model.disclosures import Disclosure
from portal.services.deadlines import finish_deadlines
from portal.services.versions import lock_row
from portal.vocabulary.deadlines import DeadlineKind


def confirm_receipt(*, actor: Principal, disclosure: Disclosure) -> None:
    """Say that the actor's team has what it was told. A second time changes nothing.

    Raises:
        Forbidden: it was not told to the actor, a team of theirs, or the agency that they manage.
    """
    require(actor, "disclosure:confirm", Facts(receiver=is_receiver(actor, disclosure)))
    lock_row(disclosure)
    if disclosure.confirmed_at is not None:
        return
    disclosure.confirmed_at = clock.now()
    disclosure.confirmed_by = actor.user_id
    db.session.flush()
    finish_deadlines(subject=disclosure, kind=DeadlineKind.RECEIPT)
    audit.record(
        "disclosure:confirm",
        subject_kind="disclosure",
        subject_id=disclosure.id,
        case_id=disclosure.case_id,
    )


def is_receiver(person: Principal, disclosure: Disclosure) -> bool:
    """Whether something was told to a person, to a team of theirs, or to the agency that they manage."""
    told = {disclosure.receiver_id, disclosure.receiver_team_id, disclosure.receiver_agency_id}
    return bool(told & person.readers)
