"""What agencies know: entries on a case, each with its handling.

A correction is a further entry, and the earlier stays.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, union

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, check_past, require_text
from portal.changes.idempotency import wait_for_same
from portal.changes.versions import insert_now, lock_row
from portal.extensions import db
from portal.messages.telling import NOBODY, around_case, of_agencies, tell, to_people
from portal.messages.vocabulary import OF_CASE, Ground
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.facts import about_case, check_after_birth
from portal.records.cases.model import AccessGrant, Case, ChronologyEntry, Involvement
from portal.records.disclosures.model import Disclosure
from portal.records.entries import critical_moments as moments
from portal.records.entries.critical_moments import ask_for_review, moment_of, reaches_lead
from portal.records.entries.facts import about_entry, around_entry, event_of_correction, who_cited
from portal.records.entries.policy import ContributionKind, Contributions
from portal.records.entries.rules import KEEP, WrongDetail, read_details
from portal.records.entries.vocabulary import ON_CLOSED_CASE, FamilySafe, Handling, kind_of_form
from portal.records.people.model import Agency, User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import sender_named
from portal.vocabulary import Sector, Sensitivity, TriageColour


def notify_former_lead(*, actor: Principal, case: Case, once: str, at_once: bool = False) -> None:
    """Tell the lead professional that something is new; where they have left, the teams of the agency that
    led, or on a closely held case its people who are named on it.

    Args:
        once: what is new, by its identifier.
        at_once: it cannot wait, and is told at any hour.
    """
    lead = db.session.get(User, case.lead_professional_id) if case.lead_professional_id else None
    given = {Ground.LEAD_PROFESSIONAL: NOBODY, Ground.TEAM: NOBODY, Ground.READER: NOBODY}
    if lead is not None and lead.active and lead.agency_id == case.lead_agency_id:
        given[Ground.LEAD_PROFESSIONAL] = to_people(lead.id)
    else:
        around, ground = around_case(case.id), Ground.READER if case.sensitivity else Ground.TEAM
        given[ground] = of_agencies(around.get(ground, NOBODY), [case.lead_agency_id])
    tell(actor=actor, event=ON_CLOSED_CASE, about=about_case(case), given=given, once=once, at_once=at_once)


#: Within this time the same words of the same person are the same sending.
SAME_SENDING = timedelta(minutes=10)


def add_entry(
    *,
    actor: Principal,
    case: Case,
    kind: str,
    text: str,
    happened_at: datetime,
    handling: Handling,
    listed: Iterable[UUID] = (),
    family_safe: FamilySafe = FamilySafe.ASK,
    critical_moment: str | None = None,
    moment: str | None = None,
    details: Mapping[str, Any] | None = None,
    disclosure: Disclosure | None = None,
    conditions: str | None = None,
    sender: str = "",
    told_otherwise: bool = False,
) -> ChronologyEntry:
    """Add what the actor's agency knows. It belongs to that agency, which alone may correct it.

    The same words that come again within ten minutes, from whichever page, add one entry.

    Args:
        kind: code of policy `cases.entry_kinds`, or of `contributions.kinds` for the actor’s sector.
        happened_at: when it happened, which may be long before it is written down.
        handling: who may read it, beside having full reach on the case.
        listed: ids of the agencies, for `Handling.AGENCIES`; each works on the case.
        family_safe: whether its words may be shared with the child or family.
        moment: code of policy `contributions.moments`, where this calls for a fast response: whoever leads
            then looks at the risk assessment again. A kind may make every entry of it one.
        critical_moment: what makes it one, in words.
        details: what is said in fields beside the words, by the codes of the kind.
        disclosure: the disclosure that the words come from; its conditions are cited.
        conditions: conditions on the use of the words, where there is no disclosure to cite.
        sender: whose words they are, where they came by an information form.
        told_otherwise: those around the case hear of it by another message: it is among the news alone.

    Raises:
        DomainError: the text is empty, the time is to come or before the child’s birth, the agencies or a
            detail do not fit the handling and the kind, or the kind is another sector’s.
    """
    require(actor, "entry:add")
    if not sender:
        check_after_birth(case, clock.local(happened_at).date(), field="happened_on")
    form = kind_for(actor=actor, case=case, kind=kind)
    code, words = moment_of(case, form.moment if form and form.moment else moment, critical_moment)
    named, said = may_read(actor, case, handling, listed), checked_details(form, details or {})
    told_under = {
        "disclosure_id": disclosure.id if disclosure else None,
        "conditions": conditions or (disclosure.conditions if disclosure else None),
    }
    same = {"kind": kind, "text": text.strip(), "handling": handling, "details": said, "moment": code}
    wait_for_same(actor, "entry", str(case.id), kind, text.strip())
    sent_before = _just_added(actor, case, happened_at, {**same, **told_under})
    if sent_before is not None:
        return sent_before
    if code:
        reaches_lead(actor, case, handling, named)
    added = write_entry(
        actor,
        case,
        kind=kind,
        text=text,
        happened_at=happened_at,
        handling=handling,
        listed_agencies=named,
        family_safe=family_safe,
        critical_moment=words,
        moment=code,
        details=said,
        sender=sender,
        told_otherwise=told_otherwise,
        **told_under,
    )
    if code:
        ask_for_review(case=case, entry=added)
    return added


def kind_for(*, actor: Principal, case: Case, kind: str) -> ContributionKind | None:
    """What a kind asks beside the words; None for one that every agency adds.

    Raises:
        DomainError: it is the kind of another sector.
    """
    found = current_policy(case.authority).of(Contributions).kinds.get(kind)
    if found is not None and actor.sector not in found.sectors:
        raise DomainError("Choose what kind it is", field="kind")
    return found


def checked_details(form: ContributionKind | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is said beside the words, as it is kept.

    Raises:
        DomainError: it does not fit the kind.
    """
    try:
        return read_details(form, given)
    except WrongDetail as wrong:
        raise DomainError(wrong.message, field=f"detail_{wrong.field}") from wrong


def add_entry_from_referral(
    *,
    actor: Principal,
    case: Case,
    referral: Referral,
    text: str,
    handling: Handling = Handling.NETWORK,
    listed: Iterable[UUID] = (),
    family_safe: FamilySafe = FamilySafe.ASK,
    conditions: str | None = None,
    disclosure: Disclosure | None = None,
    told_otherwise: bool = False,
) -> ChronologyEntry:
    """Add what an information form says to a case, in words made fit for it; never the form or its source.

    The entry belongs to the hub, and says whose words it is, and by its kind whether the form was red. It
    happened when the form says, else when the form was received.

    Raises:
        Forbidden: the actor does not triage.
        DomainError: as for `add_entry`.
    """
    require(actor, "referral:triage")
    if referral.event_from is not None:
        happened_at = datetime.combine(referral.event_from, time(12), tzinfo=clock.LOCAL_ZONE)
    else:
        happened_at = referral.received_at or clock.now()
    entry = add_entry(
        actor=actor,
        case=case,
        kind=kind_of_form(red=referral.colour == TriageColour.RED),
        text=text,
        happened_at=min(happened_at, clock.now()),
        handling=handling,
        listed=listed,
        family_safe=family_safe,
        conditions=conditions,
        disclosure=disclosure,
        sender=sender_of(referral),
        told_otherwise=told_otherwise,
    )
    audit.record("referral:add_to_case", referral, case=case, entry=str(entry.id))
    return entry


def sender_of(referral: Referral) -> str:
    """Who sent an information form, and for which agency; of one about a colleague nobody is named.

    Of one that came by phone, e-mail or on paper it is whoever the hub wrote down; never who told the sender.
    """
    sender, author = referral.sender_agency_id, db.session.get_one(User, referral.author_id)
    agency = db.session.get_one(Agency, sender).name if sender else ""
    return sender_named(
        of_colleague=bool(referral.concerns_colleague),
        written_down=(referral.sender_name or "", agency),
        author=(author.name, db.session.get_one(Agency, referral.author_agency_id).name),
    )


def write_entry(
    actor: Principal,
    case: Case,
    *,
    text: str,
    happened_at: datetime,
    told_otherwise: bool = False,
    **facts: Any,
) -> ChronologyEntry:
    """Write an entry as it was worked out, with its place on the trail.

    Args:
        told_otherwise: as of `add_entry`.

    Raises:
        DomainError: the text is empty or the time is in the future.
    """
    text = require_text(text, "Write what your agency knows", field="text")
    check_past(happened_at, "When it happened must be in the past", field="happened_on")
    entry = ChronologyEntry(
        case_id=case.id,
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        text=text,
        happened_at=happened_at,
        created_at=clock.now(),
        **facts,
    )
    insert_now(entry)
    if case.state not in OPEN_CASE_STATES:
        notify_former_lead(actor=actor, case=case, once=str(entry.id), at_once=moments.is_urgent(case, entry))
    else:
        _tell_of_entry(actor, case, entry, told_otherwise=told_otherwise)
    audit.record(
        "entry:correct" if entry.corrects_id else "entry:add", entry, case=case, handling=entry.handling
    )
    return entry


def _tell_of_entry(actor: Principal, case: Case, entry: ChronologyEntry, *, told_otherwise: bool) -> None:
    """Those around the case whose agency may read it; of one that was corrected whoever cites it."""
    given, event = around_entry(entry), moments.event_of(case, entry)
    if entry.corrects_id is not None:
        earlier = db.session.get_one(ChronologyEntry, entry.corrects_id)
        event, given[Ground.CITES] = event_of_correction(entry, earlier), who_cited(earlier)
    if told_otherwise:
        given = dict.fromkeys(OF_CASE, NOBODY)
    tell(actor=actor, event=event, about=about_entry(case, entry), given=given, once=str(entry.id))


def _just_added(
    actor: Principal, case: Case, happened_at: datetime, said: Mapping[str, Any]
) -> ChronologyEntry | None:
    """The entry that the actor added a moment ago, where all that it says is the same, and the day.

    Whoever asks waits first for a request that says the same (`wait_for_same`), not seen before it ends.
    """
    found = db.session.scalars(
        select(ChronologyEntry)
        .filter_by(case_id=case.id, author_id=actor.user_id, **said)
        .where(
            ChronologyEntry.created_at > clock.now() - SAME_SENDING,
            ChronologyEntry.corrects_id.is_(None),
        )
    )
    day = clock.local(happened_at).date()
    return next((one for one in found if clock.local(one.happened_at).date() == day), None)


def may_read(actor: Principal, case: Case, handling: Handling, listed: Iterable[UUID]) -> list[UUID]:
    """The agencies that may read an entry beside the one that wrote it; none where no list is asked for.

    Raises:
        DomainError: none was chosen, or one that does not work on the case.
    """
    if handling is not Handling.AGENCIES:
        return []
    chosen = set(listed) - {actor.agency_id}
    if not chosen:
        raise DomainError("Choose the agencies that may read it", field="agencies")
    if not chosen <= agencies_on(case):
        raise DomainError("Choose among the agencies that work on this case", field="agencies")
    return sorted(chosen)


def agencies_on(case: Case) -> set[UUID]:
    """The agencies with people who have full reach now: involved teams', named people's, and the hub's."""
    now = clock.now()
    named = (
        select(User.agency_id)
        .join(AccessGrant, AccessGrant.user_id == User.id)
        .where(AccessGrant.case_id == case.id, or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now))
    )
    involved = select(Involvement.agency_id).filter_by(case_id=case.id, ended_at=None)
    hub = select(Agency.id).where(Agency.sector == Sector.HUB)
    parts = [named] if case.sensitivity == Sensitivity.SEALED else [named, involved, hub]
    return set(db.session.scalars(union(*parts)))


def correct_entry(
    *,
    actor: Principal,
    case: Case,
    entry: ChronologyEntry,
    text: str,
    reason: str,
    details: Mapping[str, Any] | None = None,
    moment: str | None = KEEP,
    told_otherwise: bool = False,
) -> ChronologyEntry:
    """Put right an entry of the actor's agency, by a further entry with the same handling. The earlier stays.

    Args:
        text: the words as they should be.
        reason: what was wrong.
        details: what is said beside the words; by default as before.
        moment: what makes it a critical moment, None for none; by default as before.
        told_otherwise: as of `add_entry`.

    Raises:
        NotFound: the entry is another case's.
        Forbidden: the entry is another agency's.
        DomainError: the words or the reason are missing, or a later correction stands.
    """
    if entry.case_id != case.id:
        raise NotFound("There is no such entry on this case")
    require(actor, "entry:correct", Facts(own_agency=entry.agency_id == actor.agency_id))
    lock_row(entry)  # its readers may be put right at the same time
    reason = require_text(reason, "Say what was wrong", field="reason")
    form = current_policy(case.authority).of(Contributions).kinds.get(entry.kind)
    said = entry.details if details is None else checked_details(form, details)
    code, words = _moment_now(case, form, entry, moment)
    if (text.strip(), said, code) == (entry.text, entry.details, entry.moment):
        raise DomainError("Change what was wrong", field="text")
    refuse_corrected(entry)
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
        sender=entry.sender,
        disclosure_id=entry.disclosure_id,
        conditions=entry.conditions,
        corrects_id=entry.id,
        correction_reason=reason,
        told_otherwise=told_otherwise,
    )
    moments.follow_correction(case=case, earlier=entry, entry=corrected)
    return corrected


def refuse_corrected(entry: ChronologyEntry) -> None:
    """Go on only with an entry that stands.

    Raises:
        DomainError: a later one corrects it.
    """
    later = db.session.scalar(select(ChronologyEntry.id).where(ChronologyEntry.corrects_id == entry.id))
    if later is not None:
        raise DomainError("This entry was corrected already. Correct the later one", field="text")


def _moment_now(
    case: Case, form: ContributionKind | None, entry: ChronologyEntry, moment: str | None
) -> tuple[str | None, str | None]:
    if moment in {KEEP, entry.moment} or (form and form.moment):
        return entry.moment, entry.critical_moment
    return moment_of(case, moment, None)
