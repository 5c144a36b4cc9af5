"""The sharing ledger as its readers see it: what was told, and what was taken out as a file."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from portal import clock
from portal.access import principal
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.queries.declared import AnyOf, Column, Filter, Listing, Sort, heads, labels, latest, one_of
from portal.queries.gathered import Gathered, first_of
from portal.queries.listing import Whole
from portal.queries.rows import WHO, Rows, name_of
from portal.records.cases.model import Case, CaseNotice
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText, TakenCopy
from portal.records.disclosures.vocabulary import DECIDED, CopyKind, SharingDecision
from portal.records.people.model import Team
from portal.records.referrals.model import Referral
from portal.vocabulary import Labelled, TriageColour


def _rank() -> Any:
    ranks = {colour.value: colour.rank for colour in TriageColour}
    return cast(case(ranks, value=Disclosure.colour, else_=9), Integer)


def _due(kind: DeadlineKind = DeadlineKind.RECEIPT) -> Any:
    return (
        select(func.min(Deadline.due_at))
        .where(Deadline.disclosure_id == Disclosure.id, Deadline.kind == kind)
        .correlate(Disclosure)
        .scalar_subquery()
    )


class ToWhom(Labelled):
    """To whom something was told."""

    YOU = "you", "You yourself"
    TEAM = "team", "A team of yours"
    AGENCY = "agency", "Your agency"


class Receipt(Labelled):
    """Whether those who were told have what they were told."""

    OPEN = "open", "Not confirmed"
    LATE = "late", "Not confirmed in time"
    HAD = "had", "Opened or confirmed"
    WITHDRAWN = "withdrawn", "Withdrawn"


def _to_whom() -> dict[ToWhom, ColumnElement[bool]]:
    person = principal.current()
    return {
        ToWhom.YOU: Disclosure.receiver_id == person.user_id,
        ToWhom.TEAM: Disclosure.receiver_team_id.in_(list(person.team_ids)),
        ToWhom.AGENCY: and_(Disclosure.receiver_id.is_(None), Disclosure.receiver_team_id.is_(None)),
    }


def _receipts() -> dict[Receipt, ColumnElement[bool]]:
    stands = Disclosure.withdrawn_at.is_(None)
    waits = and_(stands, Disclosure.confirmed_at.is_(None), Disclosure.decision != SharingDecision.REFUSE)
    return {
        Receipt.OPEN: waits,
        Receipt.LATE: and_(waits, _due() < clock.now()),
        Receipt.HAD: and_(stands, Disclosure.confirmed_at.is_not(None)),
        Receipt.WITHDRAWN: Disclosure.withdrawn_at.is_not(None),
    }


_COLOUR = Filter("colour", "Urgency", labels(TriageColour), one_of(Disclosure.colour))
_TO = Filter("to", "Told to", labels(ToWhom), AnyOf(_to_whom))
#: A day after all others: nothing is owed by then.
_NEVER = literal(datetime(9999, 1, 1, tzinfo=UTC), DateTime(timezone=True))
#: What was told and nobody confirmed.
TO_CONFIRM = Listing(
    name="tellings",
    noun=("not confirmed yet", "not confirmed yet"),
    key=Disclosure.id,
    columns=heads(
        "Confirm",
        "Reference",
        ("Urgency", "urgent"),
        "From",
        "Told to",
        ("Told", "told"),
        ("Confirm by", "due"),
        "Receipt",
    ),
    sorts=(
        Sort(
            "urgent",
            "Red first, then amber, then green, the longest told first",
            "Green first, then amber, then red, the last told first",
            by=(_rank(), Disclosure.decided_at),
        ),
        Sort("told", "The longest told first", "The last told first", by=(Disclosure.decided_at,)),
        Sort(
            "due",
            "What is to be confirmed first stands first",
            "What is to be confirmed last stands first",
            by=(func.coalesce(_due(), _NEVER, type_=DateTime(timezone=True)),),
        ),
    ),
    filters=(
        _COLOUR,
        _TO,
        Filter(
            "late",
            "Look out for",
            lambda: [(Receipt.LATE.value, Receipt.LATE.label)],
            AnyOf(_receipts),
        ),
    ),
)
#: What was told and was opened or confirmed.
CONFIRMED = Listing(
    name="tellings",
    noun=("opened or confirmed", "opened or confirmed"),
    key=Disclosure.id,
    columns=(
        *TO_CONFIRM.columns[1:2],
        Column("Urgency"),
        Column("From"),
        Column("Told to"),
        Column("Told", sort="newest"),
        Column("Opened or confirmed", sort="confirmed"),
    ),
    sorts=(
        latest("newest", Disclosure.decided_at, "told"),
        latest("confirmed", Disclosure.confirmed_at, "confirmed"),
    ),
    filters=(_COLOUR, _TO),
)
#: What was told and what was refused, whoever is told.
LEDGER = Listing(
    name="sharing ledger",
    noun=("decision", "decisions"),
    key=Disclosure.id,
    columns=heads("Reference", ("Decided", "newest"), "From", "To", "Decision", "Urgency", "Receipt"),
    sorts=(latest("newest", Disclosure.decided_at, "decided"),),
    filters=(
        Filter(
            "decision",
            "Decision",
            lambda: [(one.value, label) for one, label in DECIDED.items()],
            one_of(Disclosure.decision),
        ),
        Filter("receipt", "Receipt", labels(Receipt), AnyOf(_receipts)),
        _COLOUR,
    ),
)


#: The files that were taken out of the portal.
COPIES = Listing(
    name="files that were taken",
    noun=("file", "files"),
    key=TakenCopy.id,
    columns=heads("Copy", ("Taken", "taken"), "By", "What", "Case"),
    sorts=(latest("taken", TakenCopy.taken_at, "taken"),),
    filters=(Filter("kind", "What", labels(CopyKind), one_of(TakenCopy.kind)),),
)


def taken() -> Gathered:
    """Every copy that the reader may see on the ledger."""
    return Gathered(
        first_of(COPIES, [select(TakenCopy.id)]),
        lambda first: _listed_copies().join(first, first.c.id == TakenCopy.id),
    )


def taken_of(*, reference: str) -> Whole:
    """The copies of a case, or of the record of a reference."""
    known = read_reference(reference)
    case_id = select(CaseNotice.case_id).where(CaseNotice.reference == known).scalar_subquery()
    of_it = or_(TakenCopy.case_id == case_id, TakenCopy.subject_reference == known)
    return Whole(_listed_copies().where(of_it))


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


def told(listing: Listing, person: Principal) -> Whole:
    """What the person, their teams and the agency they manage were told: nobody confirmed it, or the rest."""
    confirmed = Disclosure.confirmed_at
    return Whole(
        _told(person).where(confirmed.is_(None) if listing is TO_CONFIRM else confirmed.is_not(None))
    )


def ledger() -> Gathered:
    """Every telling and refusal that the reader may see: governance sees all of them."""
    return Gathered(
        first_of(LEDGER, [select(Disclosure.id)]),
        lambda first: _listed().join(first, first.c.id == Disclosure.id),
    )


def ledger_of(*, subject: UUID) -> Whole:
    """What was told about a case or from a form, and what was not.

    What was told of the child from a form, and why they were referred to social care, hangs on no case,
    however many come of it: it is on the ledger of each case of that child, for whoever reads the case.
    """
    of_child = (
        select(DisclosureChild.disclosure_id)
        .join(Case, Case.child_id == DisclosureChild.child_id)
        .join(Disclosure, Disclosure.id == DisclosureChild.disclosure_id)
        .where(Case.id == subject, Disclosure.case_id.is_(None))
    )
    of_it = or_(Disclosure.case_id == subject, Disclosure.referral_id == subject)
    return Whole(_listed().where(Disclosure.id.in_(union_all(select(Disclosure.id).where(of_it), of_child))))


def find_disclosure(*, reference: str) -> Disclosure | None:
    """The disclosure of a reference, if one may see it."""
    return db.session.scalar(
        select(Disclosure).where(Disclosure.reference == read_reference(reference, Prefix.DISCLOSURE))
    )


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


def subject_of_ledger(*, reference: str) -> UUID | None:
    """The case or the form of a reference; nothing when one sees neither."""
    known = read_reference(reference)
    if known is None:
        return None
    if known.startswith(Prefix.CASE):
        # whoever sees that the case exists; the rows of the ledger are then what each may see
        return db.session.scalar(select(CaseNotice.case_id).where(CaseNotice.reference == known))
    return db.session.scalar(select(Referral.id).where(Referral.reference == known))
