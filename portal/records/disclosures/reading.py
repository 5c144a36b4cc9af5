"""The sharing ledger as its readers see it: what was told, and what was taken out as a file."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select, text, tuple_

from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.queries import paging
from portal.queries.rows import WHO, Rows, name_of
from portal.records.cases.model import Case, CaseNotice
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText, TakenCopy
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import Team
from portal.records.referrals.model import Referral
from portal.vocabulary import TriageColour

PAGE = 50
MOST = 200


def taken(*, after: str | None = None) -> paging.Page[str]:
    """Every copy that the reader may see on the ledger, the newest first; one goes on after an identifier."""
    listed = _listed_copies()
    if begins := paging.row_of(after):
        last = db.session.get(TakenCopy, begins)
        if last is None:
            raise paging.OddCursor(after)
        listed = listed.where(tuple_(TakenCopy.taken_at, TakenCopy.id) < (last.taken_at, last.id))
    rows = db.session.execute(_newest(listed).limit(PAGE + 1)).all()
    return paging.Page.cut(rows, PAGE, lambda row: str(row.id))


def taken_of(*, reference: str) -> Rows:
    """The copies of a case, or of the record of a reference."""
    known = read_reference(reference)
    case_id = select(CaseNotice.case_id).where(CaseNotice.reference == known).scalar_subquery()
    of_it = or_(TakenCopy.case_id == case_id, TakenCopy.subject_reference == known)
    return db.session.execute(_newest(_listed_copies().where(of_it)).limit(MOST)).all()


def _listed_copies() -> Select[Any]:
    columns: list[Any] = [
        TakenCopy.id,
        TakenCopy.reference,
        TakenCopy.kind,
        TakenCopy.subject_reference,
        TakenCopy.taken_at,
        name_of(TakenCopy.taken_by, "person"),
        name_of(TakenCopy.taken_agency_id, "agency"),
        CaseNotice.reference.label("case_reference"),
    ]
    return select(*columns).outerjoin(CaseNotice, CaseNotice.case_id == TakenCopy.case_id)


def _newest(listed: Select[Any]) -> Select[Any]:
    return listed.order_by(TakenCopy.taken_at.desc(), TakenCopy.id.desc())


def unconfirmed(*, person: Principal, limit: int = PAGE) -> Rows:
    """What the person, their teams and the agency they manage were told and nobody confirmed: reds first."""
    return db.session.execute(
        _told(person)
        .where(Disclosure.confirmed_at.is_(None))
        .order_by(_rank(), Disclosure.decided_at, Disclosure.id)
        .limit(limit)
    ).all()


def confirmed(*, person: Principal, after: str | None = None, limit: int = PAGE) -> paging.Page[str]:
    """The rest of what they were told, the newest first; one goes on after a reference."""
    return _page(_told(person).where(Disclosure.confirmed_at.is_not(None)), after, limit)


def ledger(*, after: str | None = None, limit: int = PAGE) -> paging.Page[str]:
    """Every telling and refusal that the reader may see, the newest first: governance sees all of them."""
    return _page(_listed(), after, limit)


def ledger_of(*, subject: UUID) -> Rows:
    """What was told about a case or from a form, and what was not."""
    return db.session.execute(
        _listed()
        .where(or_(Disclosure.case_id == subject, Disclosure.referral_id == subject))
        .order_by(Disclosure.decided_at.desc(), Disclosure.id.desc())
        .limit(PAGE * 4)
    ).all()


def last_of_form(*, referral_id: UUID) -> str | None:
    """The reference of what the reader was told last of a form that they do not see."""
    return db.session.scalar(
        select(Disclosure.reference)
        .where(Disclosure.referral_id == referral_id, Disclosure.decision != SharingDecision.REFUSE)
        .order_by(Disclosure.decided_at.desc(), Disclosure.id.desc())
        .limit(1)
    )


def find_disclosure(*, reference: str) -> Disclosure | None:
    """The disclosure of a reference, if one may see it."""
    return db.session.scalar(
        select(Disclosure).where(Disclosure.reference == read_reference(reference, Prefix.DISCLOSURE))
    )


def withdrawn_behind(*, message_id: UUID) -> Any:
    """Of a telling that a message was about and that was withdrawn its reference, that of the form behind it,
    and when: for whoever was told. None where it stands, and for everybody else.
    """
    statement = text("select reference, form, withdrawn_at from ctx.withdrawn_behind(:message)")
    return db.session.execute(statement, {"message": message_id}).one_or_none()


def details_of(*, disclosure: Disclosure) -> Any:
    """Who told whom, from what, with the frozen text where the reader may read it."""
    return db.session.execute(
        select(
            DisclosureText.text,
            name_of(Disclosure.giver_id, "giver"),
            name_of(Disclosure.giver_agency_id, "giver_agency"),
            name_of(Disclosure.receiver_agency_id, "receiver_agency"),
            name_of(Disclosure.receiver_id, "receiver"),
            name_of(Disclosure.confirmed_by, "confirmer"),
            Team.name.label("receiver_team"),
            Team.duty_phone,
            Case.reference.label("case_reference"),
            Referral.reference.label("referral_reference"),
            _due().label("due"),
            _due(DeadlineKind.SOCIAL_CARE_DECISION).label("decide_by"),
            select(func.count())
            .where(DisclosureChild.disclosure_id == disclosure.id)
            .scalar_subquery()
            .label("children"),
        )
        .select_from(Disclosure)
        .outerjoin(DisclosureText, DisclosureText.disclosure_id == Disclosure.id)
        .outerjoin(Team, Team.id == Disclosure.receiver_team_id)
        .outerjoin(Case, Case.id == Disclosure.case_id)
        .outerjoin(Referral, Referral.id == Disclosure.referral_id)
        .where(Disclosure.id == disclosure.id)
    ).one()


def children_of(*, disclosure: Disclosure) -> Rows:
    """The children that a disclosure covers, as far as the reader may know them."""
    return db.session.execute(
        select(
            Child.id,
            Child.reference,
            *WHO,
        )
        .join(DisclosureChild, DisclosureChild.child_id == Child.id)
        .where(DisclosureChild.disclosure_id == disclosure.id)
        .order_by(Child.family_name, Child.given_name)
    ).all()


def _listed() -> Select[Any]:
    columns: list[Any] = [
        Disclosure.id,
        Disclosure.reference,
        Disclosure.colour,
        Disclosure.purpose,
        Disclosure.decision,
        Disclosure.decided_at,
        Disclosure.confirmed_at,
        Disclosure.was_opened,
        Disclosure.withdrawn_at,
        name_of(Disclosure.giver_agency_id, "giver_agency"),
        name_of(Disclosure.receiver_agency_id, "receiver_agency"),
        Team.name.label("receiver_team"),
        Team.duty_phone,
        Case.reference.label("case_reference"),
        _due().label("due"),
    ]
    return (
        select(*columns)
        .outerjoin(Team, Team.id == Disclosure.receiver_team_id)
        .outerjoin(Case, Case.id == Disclosure.case_id)
    )


def _told(person: Principal) -> Select[Any]:
    teams, own = list(person.team_ids & person.readers), list(person.readers)
    return _listed().where(
        or_(
            Disclosure.receiver_team_id.in_(teams),
            Disclosure.receiver_id == person.user_id,
            Disclosure.receiver_agency_id.in_(own),
        ),
        Disclosure.decision != SharingDecision.REFUSE,
        Disclosure.withdrawn_at.is_(None),
    )


def _page(listed: Select[Any], after: str | None, limit: int) -> paging.Page[str]:
    if after:
        last = find_disclosure(reference=after)
        if last is None:
            raise paging.OddCursor(after)
        listed = listed.where(tuple_(Disclosure.decided_at, Disclosure.id) < (last.decided_at, last.id))
    newest = listed.order_by(Disclosure.decided_at.desc(), Disclosure.id.desc()).limit(limit + 1)
    rows = db.session.execute(newest).all()
    return paging.Page.cut(rows, limit, lambda row: row.reference)


def subject_of_ledger(*, reference: str) -> UUID | None:
    """The case or the form of a reference; nothing when one sees neither."""
    known = read_reference(reference)
    if known is None:
        return None
    if known.startswith(Prefix.CASE):
        # whoever sees that the case exists; the rows of the ledger are then what each may see
        return db.session.scalar(select(CaseNotice.case_id).where(CaseNotice.reference == known))
    return db.session.scalar(select(Referral.id).where(Referral.reference == known))


def _rank() -> Any:
    return case({colour.value: colour.rank for colour in TriageColour}, value=Disclosure.colour, else_=9)


def _due(kind: DeadlineKind = DeadlineKind.RECEIPT) -> Any:
    return (
        select(func.min(Deadline.due_at))
        .where(Deadline.disclosure_id == Disclosure.id, Deadline.kind == kind)
        .correlate(Disclosure)
        .scalar_subquery()
    )
