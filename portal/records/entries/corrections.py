"""Putting right what an agency wrote: a correction is a further entry, and the earlier stays."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.policy import current_policy
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import checked_details, write_entry
from portal.records.entries.critical_moments import follow_correction, moment_of, reaches_lead
from portal.records.entries.policy import ContributionKind, Contributions
from portal.records.entries.rules.details import KEEP
from portal.records.entries.vocabulary.handling import FamilySafe, Handling
from portal.services.errors import DomainError, NotFound


def correct_entry(
    *,
    actor: Principal,
    case: Case,
    entry: ChronologyEntry,
    text: str,
    reason: str,
    details: Mapping[str, Any] | None = None,
    moment: str | None = KEEP,
) -> ChronologyEntry:
    """Put right an entry of the actor's agency, by a further entry with the same handling. The earlier stays.

    Args:
        text: the words as they should be.
        reason: what was wrong.
        details: what is said beside the words; by default as before.
        moment: what makes it a critical moment, None for none; by default as before.

    Raises:
        NotFound: the entry is another case's.
        Forbidden: the entry is another agency's.
        DomainError: the words or the reason are missing, or a later correction stands.
    """
    if entry.case_id != case.id:
        raise NotFound("There is no such entry on this case")
    require(actor, "entry:correct", Facts(own_agency=entry.agency_id == actor.agency_id))
    if not reason.strip():
        raise DomainError("Say what was wrong", field="reason")
    form = current_policy(case.authority).of(Contributions).kinds.get(entry.kind)
    said = entry.details if details is None else checked_details(form, details)
    code, words = _moment_now(case, form, entry, moment)
    if (text.strip(), said, code) == (entry.text, entry.details, entry.moment):
        raise DomainError("Change what was wrong", field="text")
    later = db.session.scalar(select(ChronologyEntry.id).where(ChronologyEntry.corrects_id == entry.id))
    if later is not None:
        raise DomainError("This entry was corrected already. Correct the later one", field="text")
    if code and not entry.critical_moment:
        reaches_lead(actor, case, Handling(entry.handling), entry.listed_agencies)
    corrected = write_entry(
        actor,
        case,
        kind=entry.kind,
        text=text,
        happened_at=entry.happened_at,
        handling=Handling(entry.handling),
        listed_agencies=list(entry.listed_agencies),
        family_safe=FamilySafe(entry.family_safe),
        critical_moment=words,
        moment=code,
        details=said,
        disclosure_id=entry.disclosure_id,
        conditions=entry.conditions,
        corrects_id=entry.id,
        correction_reason=reason.strip(),
    )
    follow_correction(case=case, earlier=entry, entry=corrected)
    return corrected


def _moment_now(
    case: Case, form: ContributionKind | None, entry: ChronologyEntry, moment: str | None
) -> tuple[str | None, str | None]:
    if moment in {KEEP, entry.moment} or (form and form.moment):
        return entry.moment, entry.critical_moment
    return moment_of(case, moment, None)
