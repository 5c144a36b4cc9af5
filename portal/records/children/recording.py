"""Children: who they are, corrections of that, and the keys by which they are found."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, permitted, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_past, require_text
from portal.changes.versions import insert_now, lock, take_turns
from portal.extensions import db
from portal.messages.telling import NOBODY, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import age_on
from portal.pathway.characters import BadIdentifier, read_nhs_number
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import Names, current_policy
from portal.queries.rows import WHO, filled
from portal.records.cases.model import Case
from portal.records.children.model import (
    Child,
    ChildAlias,
    ChildCorrection,
    ChildRecord,
    ChildStatement,
    NameKey,
)
from portal.records.children.rules import Facts as KnownFacts
from portal.records.children.rules import child_keys, eligibility
from portal.records.children.telling import open_cases, tell_of_child
from portal.records.children.vocabulary import (
    CORRECTED,
    CORRECTION_ANSWERED,
    CORRECTION_ASKED,
    CorrectionPart,
    EligibilityBasis,
)
from portal.vocabulary import Answer

Keys = set[tuple[str, bool]]


def write_name_keys(child: Child) -> None:
    """Make the keys of `child` those of its names, date of birth, NHS number and postcodes as they are now.

    Keys that come from an alias or a postcode are marked: they belong to the record, and whoever reaches the
    identity alone must not find the child by them. An address that must not be disclosed gives no key.
    """
    take_turns("name keys", child.id)
    _renew(db.session(), [child], current_policy().names)


def renew_name_keys(rows: Session, after: UUID | None, most: int) -> tuple[int, UUID | None]:
    """Make the keys of some children anew, in the order of their identifiers, after a change of their rules.

    Args:
        rows: a session of the tables' owner, who reads every child.
        after: the last child that was done before; None begins.
        most: so many children at once.

    Returns:
        how many children got other keys, and the last that was looked at; None when there are no more.
    """
    who = (*WHO, Child.nhs_number)
    some = select(Child.id, *who).order_by(Child.id).limit(most).with_for_update()
    children = rows.execute(some.where(Child.id > after) if after else some).all()
    changed = _renew(rows, children, current_policy().names)
    return changed, children[-1].id if len(children) == most else None


def _renew(rows: Session, children: Sequence[Any], names: Names) -> int:
    """How many of some children got other keys."""
    owed = _owed(rows, children, names)
    kept = select(NameKey.child_id, NameKey.key, NameKey.from_alias)
    held = {
        tuple(row) for row in rows.execute(kept.where(NameKey.child_id.in_([one.id for one in children])))
    }
    for statement, keys in (
        (_TAKEN_AWAY, held - owed),
        (insert(NameKey).inline(), owed - held),
    ):
        if keys:
            each = [dict(zip(_COLUMNS, key, strict=True)) for key in sorted(keys)]
            rows.connection().execute(statement, each)
    return len({child_id for child_id, *_ in owed ^ held})


_COLUMNS = ("child_id", "key", "from_alias")
_TAKEN_AWAY = text("delete from name_key where (child_id, key, from_alias) = (:child_id, :key, :from_alias)")


def keys_of(facts: KnownFacts, aliases: tuple[str, ...], postcodes: frozenset[str], names: Names) -> Keys:
    """Every key of a child, each with whether it comes from the record rather than from the identity.

    Args:
        facts: identity alone.
    """
    known = child_keys(facts, names)
    whole = KnownFacts(
        names=(*facts.names, *aliases),
        born=facts.born,
        born_is_estimate=facts.born_is_estimate,
        nhs_number=facts.nhs_number,
        postcodes=postcodes,
    )
    return {(key, False) for key in known} | {(key, True) for key in child_keys(whole, names) - known}


def _owed(rows: Session, children: Sequence[Any], names: Names) -> set[tuple[UUID, str, bool]]:
    """The keys that some children should have."""
    ids = [one.id for one in children]
    aliases, postcodes = defaultdict[UUID, list[str]](list), defaultdict[UUID, set[str]](set)
    for child_id, name in rows.execute(
        select(ChildAlias.child_id, ChildAlias.name)
        .where(ChildAlias.child_id.in_(ids))
        .order_by(ChildAlias.created_at, ChildAlias.id)
    ):
        aliases[child_id].append(name)
    for child_id, postcode in rows.execute(
        select(ChildStatement.child_id, ChildStatement.postcode).where(
            ChildStatement.child_id.in_(ids),
            ChildStatement.kind == "address",
            ChildStatement.postcode.is_not(None),
            ChildStatement.do_not_disclose.is_(False),
        )
    ):
        if postcode:
            postcodes[child_id].add(postcode)
    return {
        (one.id, *key)
        for one in children
        for key in keys_of(_identity(one), tuple(aliases[one.id]), frozenset(postcodes[one.id]), names)
    }


def _identity(child: Any) -> KnownFacts:
    return KnownFacts(
        names=(f"{child.given_name} {child.family_name}".strip(),),
        born=child.dob,
        born_is_estimate=child.dob_is_estimate,
        nhs_number=child.nhs_number,
    )


_ANSWERS = {True: Answer.YES, False: Answer.NO, None: Answer.NOT_KNOWN}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What someone who is asked about a child needs to know them by, as it was typed or is stored."""

    given_name: str
    family_name: str = ""
    dob: date | None = None
    dob_is_estimate: bool = False
    nhs_number: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as plain values, for what keeps it."""
        return asdict(self) | {"dob": self.dob.isoformat() if self.dob else None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Identity":
        """An identity that `as_json` gave."""
        return cls(**{**values, "dob": date.fromisoformat(values["dob"]) if values["dob"] else None})

    @classmethod
    def of(cls, child: Child) -> "Identity":
        """Who a child is now."""
        return filled(
            cls,
            child,
        )


def create_child(
    *,
    actor: Principal,
    given_name: str,
    family_name: str = "",
    dob: date | None = None,
    dob_is_estimate: bool = False,
    nhs_number: str | None = None,
    other_names: Sequence[str] = (),
    record: Mapping[str, Any] | None = None,
    care_experienced: Answer = Answer.NOT_KNOWN,
) -> Child:
    """Start the record of a child. Coordinators do, when they decide a form.

    Args:
        other_names: nicknames, former names, other spellings.
        record: columns of `ChildRecord`, as far as they are known. Where it does not say on what basis the
            child counts, the basis follows from age, `send` and `care_experienced`.

    Raises:
        Forbidden: the actor opens no cases.
        DomainError: a name or number cannot be right (`field` says which), or the person is of an age at
            which somebody has to write down why they are included (`eligibility_reason`).
    """
    require(actor, "case:open")
    who = _checked(
        Identity(
            given_name=given_name,
            family_name=family_name,
            dob=dob,
            dob_is_estimate=dob_is_estimate,
            nhs_number=nhs_number,
        )
    )
    facts = {"disabilities": []} | dict(record or {})
    facts |= _basis(who, facts, care_experienced)
    child = Child(reference=new_reference(Prefix.CHILD), created_by=actor.user_id, **asdict(who))
    db.session.add(child)
    db.session.flush()  # the trigger on the child gives the reach that its parts need
    db.session.add(ChildRecord(child_id=child.id, **facts))
    for name in filter(None, (one.strip() for one in other_names)):
        db.session.add(ChildAlias(child_id=child.id, name=name, kind="known_as", agency_id=actor.agency_id))
    db.session.flush()
    write_name_keys(child)
    audit.record("child:create", child, child_id=child.id)
    return child


def may_correct(*, actor: Principal, child_id: UUID) -> bool:
    """Whether the actor corrects who this child is, rather than proposing it."""
    return permitted(actor, "child:correct", lead_facts(actor, child_id))


def check_may_correct(*, actor: Principal, child_id: UUID) -> None:
    """Go on only if the actor corrects who this child is.

    Raises:
        Forbidden: only coordinators and the lead professional correct, and decide what others propose.
    """
    require(actor, "child:correct", lead_facts(actor, child_id))


def correct_identity(
    *, actor: Principal, child: Child, version: int, identity: Identity, reason: str
) -> ChildCorrection:
    """Correct who a child is. What was said before stays in the correction, and the keys are rewritten.

    Args:
        version: the version of the child that the actor had before them.

    Raises:
        Forbidden: only coordinators and the lead professional correct; others call `propose_identity`.
        Conflict: somebody corrected the child since; carries both versions.
        DomainError: nothing differs, no reason was given, or a value cannot be right.
    """
    require(actor, "child:correct", lead_facts(actor, child.id))
    correction = _proposal(actor, child, version, identity, reason)
    _apply(actor, child, correction)
    tell_of_child(actor=actor, event=CORRECTED, child=child, once=str(correction.id))
    return correction


def propose_identity(
    *, actor: Principal, child: Child, version: int, identity: Identity, reason: str
) -> ChildCorrection:
    """Propose a correction, which the lead professional or a coordinator decides.

    Raises:
        Conflict: somebody corrected the child since; carries both versions.
        DomainError: nothing differs, no reason was given, or a value cannot be right.
    """
    require(actor, "child:state")
    correction = _proposal(actor, child, version, identity, reason)
    audit.record("child:propose", child, child_id=child.id)
    given = {Ground.HUB: NOBODY} if open_cases(child) else {}
    tell_of_child(actor=actor, event=CORRECTION_ASKED, child=child, given=given, once=str(correction.id))
    return correction


def decide_proposal(
    *, actor: Principal, child: Child, correction: ChildCorrection, accepted: bool, reason: str = ""
) -> None:
    """Take over a proposed correction, or say why not (`reason`).

    Raises:
        Forbidden: only coordinators and the lead professional decide.
        Conflict: the child was corrected after this was proposed.
        DomainError: it is decided already, or a refusal has no reason.
    """
    require(actor, "child:correct", lead_facts(actor, child.id))
    if correction.decided_at is not None:
        raise DomainError("This correction has been decided already")
    if not accepted and not reason.strip():
        raise DomainError("Say why the record stays as it is", field="reason")
    if accepted:
        _lock(child, correction.child_version, Identity.from_json(correction.after))
        _apply(actor, child, correction)
    else:
        correction.decision_reason = reason.strip()
        _decide(actor, correction, accepted=False)
        audit.record("child:refuse_correction", child, child_id=child.id)
    given = {Ground.ASKER: to_people(correction.proposed_by)}
    tell_of_child(actor=actor, event=CORRECTION_ANSWERED, child=child, given=given, once=str(correction.id))


def _proposal(
    actor: Principal, child: Child, version: int, identity: Identity, reason: str
) -> ChildCorrection:
    wanted = _checked(identity)
    reason = require_text(reason, "Say how you know", field="reason")
    _lock(child, version, wanted)
    before = Identity.of(child)
    if wanted == before:
        raise DomainError("Nothing differs from the record")
    correction = ChildCorrection(
        child_id=child.id,
        part=CorrectionPart.IDENTITY,
        child_version=child.version,
        before=before.as_json(),
        after=wanted.as_json(),
        reason=reason,
        proposed_by=actor.user_id,
        proposed_agency_id=actor.agency_id,
    )
    return insert_now(correction)


def _apply(actor: Principal, child: Child, correction: ChildCorrection) -> None:
    for column, value in asdict(Identity.from_json(correction.after)).items():
        setattr(child, column, value)
    child.version += 1
    _decide(actor, correction, accepted=True)
    write_name_keys(child)
    changed = sorted(key for key, value in correction.after.items() if correction.before[key] != value)
    audit.record("child:correct", child, child_id=child.id, changed=changed)


def _decide(actor: Principal, correction: ChildCorrection, *, accepted: bool) -> None:
    correction.accepted = accepted
    correction.decided_by = actor.user_id
    correction.decided_at = clock.now()
    db.session.flush()


def _lock(child: Child, version: int, mine: Identity) -> None:
    """Hold the child until the transaction ends, so that of two editors one is told of the other."""
    lock(child, version, lambda now: Identity.of(now).as_json(), mine=mine.as_json())


def lead_facts(actor: Principal, child_id: UUID) -> Facts:
    """What decides verbs on a child: whether somebody is the lead professional of an open case of theirs."""
    led = select(Case.id).filter_by(child_id=child_id, lead_professional_id=actor.user_id)
    still_led = led.where(Case.state.in_(OPEN_CASE_STATES)).limit(1)
    return Facts(lead_professional=db.session.scalar(still_led) is not None)


def _checked(identity: Identity) -> Identity:
    given, family = " ".join(identity.given_name.split()), " ".join(identity.family_name.split())
    if not given and not family:
        raise DomainError("Enter a name, or the name that the child goes by", field="given_name")
    if identity.dob:
        check_past(identity.dob, "The date of birth must be in the past", field="dob")
    number = None
    if identity.nhs_number and identity.nhs_number.strip():
        try:
            number = read_nhs_number(identity.nhs_number)
        except BadIdentifier as bad:
            raise DomainError(bad.message, field="nhs_number") from bad
    return replace(
        identity,
        given_name=given,
        family_name=family,
        nhs_number=number,
        dob_is_estimate=identity.dob_is_estimate and identity.dob is not None,
    )


def _basis(who: Identity, facts: Mapping[str, Any], care_experienced: Answer) -> dict[str, str | None]:
    """On what ground the child counts. A missing reason is asked for; nobody is turned away by age."""
    reason = (facts.get("eligibility_reason") or "").strip() or None
    if facts.get("eligibility_basis"):
        basis = EligibilityBasis(facts["eligibility_basis"])
        needs_reason = basis is EligibilityBasis.OTHER
    else:
        age = age_on(who.dob, clock.today()) if who.dob else None
        found = eligibility(
            current_policy(), age=age, send=_ANSWERS[facts.get("send")], care_experienced=care_experienced
        )
        basis, needs_reason = found.basis, found.needs_reason
    if needs_reason and not reason:
        raise DomainError("Write down why this pathway is the right one", field="eligibility_reason")
    return {"eligibility_basis": basis.value, "eligibility_reason": reason}
