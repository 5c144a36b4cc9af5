"""Which known child a child on a form is, as a coordinator says; or that it is one whom nobody knew."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Text, bindparam, cast, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.messages.telling import tell, to_people
from portal.messages.unseen import parts_found
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.calendar import add_months
from portal.pathway.characters import read_postcode
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import Policy, current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.children.reading import same_child
from portal.records.children.recording import create_child
from portal.records.children.rules import Standing, sealed_search, sought_facts
from portal.records.children.statements import Said, add_statement, must_hold_back
from portal.records.disclosures.facts import graded_of
from portal.records.entries.adding import sender_of
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.intelligence.grading import may_name_source
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.records.referrals.rules import ChildDetails, read_details
from portal.records.referrals.sending import about_form, recognised, tell_if_unseen, tell_lead_of_sealed
from portal.records.triage.decision_rules import check_of_child_alone
from portal.records.triage.reading.matches import Candidate, candidates
from portal.records.triage.vocabulary import PASSED_ON, RED_PASSED_ON
from portal.records.triage.working import record
from portal.vocabulary import Answer, Sensitivity, StatementKind, SubjectKind, TriageColour, Use


def recognise(*, actor: Principal, referral: Referral, subject: ReferralSubject, child: Child) -> Child:
    """Say that the child on the form is this known child. Saying it again, or otherwise, replaces it.

    Where the hub said that records are of one child, the form goes with the one that has the case.

    Returns:
        the record that the form goes with.

    Raises:
        DomainError: the subject is no child, or decisions stand that were made for another child.
    """
    require(actor, "referral:triage")
    _check_is_child(subject)
    said, child = child, record_with_case(child)
    held = db.session.get(ReferralChild, subject.id)
    if held and held.child_id == child.id:
        return child
    now = clock.now()
    if held:
        held.child_id, held.matched_by, held.matched_at = child.id, actor.user_id, now
    else:
        db.session.add(
            ReferralChild(
                subject_id=subject.id,
                referral_id=referral.id,
                child_id=child.id,
                matched_by=actor.user_id,
                matched_at=now,
            )
        )
    db.session.flush()
    audit.record("referral:recognise", referral, child_id=child.id, ground="hub", said=str(said.id))
    return child


def record_with_case(child: Child) -> Child:
    """The record under which the child has an open case, of those that the hub said are of one child; else
    the one with a case that was closed; else this one.
    """
    alike = select(Child).where(Child.id.in_(same_child(child.id)))
    own, case = Child.id == child.id, select(Case.id).where(Case.child_id == Child.id)
    is_open = case.where(Case.state.in_(OPEN_CASE_STATES)).exists()
    first = alike.order_by(is_open.desc(), case.exists().desc(), own.desc(), Child.reference)
    return db.session.scalars(first.limit(1)).one()


def unlink(*, actor: Principal, referral: Referral, subject: ReferralSubject) -> None:
    """Take back who a child on the form is."""
    require(actor, "referral:triage")
    held = db.session.get(ReferralChild, subject.id)
    if held:
        db.session.delete(held)
        db.session.flush()
        record("referral:unrecognise", referral, subject=str(subject.id))


def start_record(
    *,
    actor: Principal,
    referral: Referral,
    subject: ReferralSubject,
    eligibility_reason: str = "",
    takes: Collection[str] = (),
    others: Collection[str] = (),
) -> Child | None:
    """Say that nobody knows the child yet, and start a record from what the form says.

    Children whom the actor may not see are looked for first, inside the database. Where one is found the form
    belongs to a colleague from now on, nothing else is written, and the answer is None: the actor must not
    touch the form again in this request.

    Args:
        eligibility_reason: why the pathway is the right one, for somebody who is of age.
        takes: what of how the child is reached goes over, by the codes of `to_take`; nothing else does.
        others: the references of known children whom the child resembles, and is not, as the actor says.

    Raises:
        DomainError: the subject is no child or may be a known one, the form does not say enough to start a
            record, or what goes over says what must not stand there.
    """
    require(actor, "referral:triage")
    _check_is_child(subject)
    if held := recognised(subject=subject):
        return held
    details = ChildDetails.from_json(subject.details)
    policy = current_policy()
    if passed_on(actor=actor, referral=referral, subject=subject, details=details, policy=policy):
        return None
    _check_is_nobody_known(subject, others)
    child = create_child(
        actor=actor,
        given_name=details.given_name or ("" if details.family_name else details.other_names),
        family_name=details.family_name,
        dob=details.dob or _estimated_birth(details.age),
        dob_is_estimate=details.dob is None,
        nhs_number=details.nhs_number or None,
        other_names=[name for name in sought_facts(details).names if name != details.name],
        record=_record_from(referral, details, policy) | {"eligibility_reason": eligibility_reason or None},
        care_experienced=Answer.YES if "care_leaver" in details.statuses else Answer.NOT_KNOWN,
    )
    recognise(actor=actor, referral=referral, subject=subject, child=child)
    for code, said in _reached(subject):
        if code in takes:
            _take_over(actor, referral, subject, child, said)
    return child


def alike(subjects: Iterable[ReferralSubject]) -> Mapping[UUID, tuple[Candidate, ...]]:
    """For each child on a form the known children that it may be, beside the one that it is said to be;
    who is probably a brother or sister is not among them.
    """
    children = [one for one in subjects if one.kind == SubjectKind.CHILD]
    sought = {one.id: sought_facts(ChildDetails.from_json(one.details)) for one in children}
    found = candidates(sought=sought, names=current_policy().names, today=clock.today())
    said = {one.id: {child.id} if (child := recognised(subject=one)) else set() for one in children}
    return {
        subject: tuple(
            one
            for one in each
            if one.standing is not Standing.RELATIVE and one.records.isdisjoint(said[subject])
        )
        for subject, each in found.items()
    }


def to_tell_apart(subjects: Iterable[ReferralSubject]) -> list[tuple[str, str]]:
    """The known children whom those on a form may be whom nobody has recognised: reference, and who it is."""
    unknown = [one for one in subjects if not recognised(subject=one)]
    return [
        (one.child.reference, f"{one.child.name}, {one.child.reference}")
        for each in alike(unknown).values()
        for one in each
    ]


def _check_is_nobody_known(subject: ReferralSubject, others: Collection[str]) -> None:
    """Go on only if each known child whom the child resembles was said to be another."""
    known = [who for reference, who in to_tell_apart([subject]) if reference not in others]
    if known:
        raise DomainError(
            f"{subject.label} may be {'; or '.join(known)}. Say so on the form, or tick that it is not",
            field="others",
        )


def to_take(subjects: Iterable[ReferralSubject]) -> list[tuple[str, str]]:
    """What a form says of how children are reached whom nobody has recognised: address, phone, school, GP and
    carer, each with its code. It goes over to a record that is started for the child.
    """
    children = [one for one in subjects if one.kind == SubjectKind.CHILD and not recognised(subject=one)]
    several = len(children) > 1
    return [
        (code, f"{f'{one.label}. ' if several else ''}{said.kind.label}: {_written(said)}")
        for one in children
        for code, said in _reached(one)
    ]


def _reached(subject: ReferralSubject) -> list[tuple[str, Said]]:
    details = ChildDetails.from_json(subject.details)
    postcode = read_postcode(details.postcode)
    lines = (details.address, "" if postcode else details.postcode)
    said = {
        StatementKind.ADDRESS: "\n".join(filter(None, lines)) or postcode or "",
        StatementKind.PHONE: details.phone,
        StatementKind.SCHOOL: details.school,
        StatementKind.GP: details.gp,
        StatementKind.CARER: details.carer,
    }
    return [
        (
            f"{subject.position}.{kind}",
            Said(kind=kind, value=value, postcode=postcode if kind is StatementKind.ADDRESS else None),
        )
        for kind, value in said.items()
        if value.strip()
    ]


def _written(said: Said) -> str:
    return ", ".join(filter(None, (said.value, said.postcode if said.postcode != said.value else "")))


def _take_over(
    actor: Principal, referral: Referral, subject: ReferralSubject, child: Child, said: Said
) -> None:
    """Let a record say what the form does, as its sender's words; what an alert holds back is held back."""
    try:
        check_of_child_alone(text=said.value, referral=referral, subject=subject, field="takes")
    except DomainError as named:
        raise DomainError(
            f"Untick “{said.kind.label}: {_written(said)}”: it says something of the source, of another child"
            " on the form or of what is intelligence only. Add to the record what may stand there",
            field="takes",
        ) from named
    came = clock.local(referral.received_at or clock.now()).date()
    held = must_hold_back(child_id=child.id, kind=said.kind)
    said = replace(said, sender=sender_of(referral), sent_on=came, do_not_disclose=held)
    add_statement(actor=actor, child=child, said=said)


def to_find(subject: ReferralSubject, referral: Referral) -> str:
    """What a form says by which social care finds a child, and of what is not passed on that it is there."""
    said = _found_by(subject, referral)
    lines = [f"{what}: {words or 'on the form, and not passed on here. Ask the hub'}" for what, words in said]
    return "\n".join(("As the form says, to find the child by:", *lines)) if lines else ""


def left_out_for_front_door(subject: ReferralSubject, referral: Referral) -> list[str]:
    """What of that is not passed on, for whoever refers the child, who rings."""
    return [what for what, words in _found_by(subject, referral) if not words]


def _found_by(subject: ReferralSubject, referral: Referral) -> list[tuple[str, str]]:
    """What it is, and the form’s words: empty where they are not passed on, as none are that are graded."""
    details, child = read_details(subject.kind, subject.details), recognised(subject=subject)
    if not isinstance(details, ChildDetails) or child is None:
        return []
    graded = bool(graded_of(referral, [subject]))
    gender = current_policy().people.genders.label(details.gender) if details.gender else ""
    said = {
        StatementKind.ADDRESS: ", ".join(filter(None, (details.address, details.postcode))),
        StatementKind.SCHOOL: details.school,
        StatementKind.PHONE: details.phone,
    }
    found = [("Gender", "" if graded else gender)] if gender else []
    for kind, words in said.items():
        if words:
            passes = not graded and _may_be_said(child, kind, words, referral, subject)
            found.append((kind.label, words if passes else ""))
    return found


def _may_be_said(
    child: Child, kind: StatementKind, words: str, referral: Referral, subject: ReferralSubject
) -> bool:
    """Nothing on the child says that it is not disclosed, it says nothing of the source or of somebody else
    on the form, and it repeats nothing that may not be passed on.
    """
    held = select(func.ctx.looks_held(cast([child.reference], ARRAY(Text)), words)).exists()
    if db.session.scalar(select(or_(func.ctx.must_hold_back(child.id, kind, type_=Boolean), held))):
        return False
    if may_name_source(words, referral):
        return False
    try:
        check_of_child_alone(text=words, referral=referral, subject=subject, field="text")
        check_no_restricted_quotes(texts={"text": words}, child_ids=[child.id], use=Use.PASS_ON)
    except DomainError:
        return False
    return True


def passed_on(
    *, actor: Principal, referral: Referral, subject: ReferralSubject, details: ChildDetails, policy: Policy
) -> bool:
    """Look among the children of sealed cases. True when the form now belongs to a colleague, who is told."""
    search = sealed_search(details, policy.names, clock.today())
    db.session.execute(
        select(func.ctx.pass_if_sealed(subject.id, search.keys, search.dobs, search.nhs_number))
    )
    if db.session.scalar(select(func.ctx.triages(referral.id))):
        return False
    tell(
        actor=actor,
        event=RED_PASSED_ON if referral.colour == TriageColour.RED else PASSED_ON,
        about=about_form(referral),
        given={Ground.OWNER: to_people(db.session.scalar(select(func.ctx.passed_to(referral.id))))},
        once="passed",  # beside what they may have been shown as one of the hub when it arrived
    )
    tell_if_unseen(actor, referral, once=f"passed-{referral.id.hex}")
    tell_lead_of_sealed(actor, referral, once=f"passed-{referral.id.hex}")
    return True


def tell_if_sealed(*, actor: Principal, case: Case, before: Sensitivity, to: Sensitivity) -> None:
    """A case is about to be sealed: whoever coordinates it has the forms on its child from then on, and hears
    so. The actor may not read those: the database tells them, and the page says nothing of it.
    """
    opening = case.sensitivity != before  # then the form that they decide on is finished by it
    if to is Sensitivity.SEALED > before:
        _tell_handed_on(actor, {"case": str(case.id), "opening": opening})


def tell_if_linked_with_sealed(*, actor: Principal, child_ids: Collection[UUID]) -> None:
    """So where records were linked just now, and one of them is as closed as a sealed case by it."""
    _tell_handed_on(actor, {"link": [str(one) for one in child_ids]})


def _tell_handed_on(actor: Principal, closes: dict[str, Any]) -> None:
    once = f"sealed-{new_id().hex}"
    said: dict[str, Any] = {"closes": closes}
    for name, event in (("form", PASSED_ON), ("red", RED_PASSED_ON)):
        said[name] = parts_found(event, kind="referral", actor_id=actor.user_id, once=once)
    db.session.flush()
    tells = text("select ctx.tell_handed_on(:said)").bindparams(bindparam("said", type_=JSONB))
    db.session.execute(tells, {"said": said})


def _check_is_child(subject: ReferralSubject) -> None:
    if subject.kind != SubjectKind.CHILD:
        raise DomainError("Only a child on the form can be one of the known children")


def _estimated_birth(age: int | None) -> date | None:
    """A date of birth that stands for an age: in the middle of the year in which it may be."""
    return add_months(clock.today(), -(12 * age + 6)) if age is not None else None


def _record_from(referral: Referral, details: ChildDetails, policy: Policy) -> dict[str, Any]:
    """What the form says of the child beyond identity, as columns of the record."""
    district = policy.areas.districts.get(referral.district)
    ehcp = "ehcp" in details.statuses
    send = ehcp or "sen_support" in details.statuses
    return {
        "gender": details.gender or None,
        "ethnicity": details.ethnicity or None,
        "first_language": details.language or None,
        "district": district.code if district else None,
        "responsible_authority": district.authority if district else None,
        "ehcp": ehcp or None,
        "send": send or None,
    }
