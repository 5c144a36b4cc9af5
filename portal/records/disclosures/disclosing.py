"""The sharing ledger: telling an agency, or deciding not to, with words that stay as they were said."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, or_not_found, require_text
from portal.changes.idempotency import sent_before
from portal.changes.versions import insert_with_reference, lock_row
from portal.deadlines.changes import Owner, cancel_deadlines, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, heard_of, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.references import Prefix
from portal.policy import current_policy
from portal.records.children.model import Child
from portal.records.disclosures.facts import about_disclosure, graded_of, tell_receiver
from portal.records.disclosures.ledger import BASIS, PURPOSE
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText
from portal.records.disclosures.rules import introduce
from portal.records.disclosures.vocabulary import RED_TOLD, REFUSED, TOLD, WITHDRAWN, SharingDecision
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.entries.vocabulary import FamilySafe
from portal.records.intelligence.grading import refuse_source
from portal.records.people.model import Team
from portal.records.referrals.facts import agency_of_sender
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import FormAnswers, read_details
from portal.records.referrals.sending import recognised
from portal.records.referrals.third_party_check import check_names_no_others
from portal.vocabulary import Answer, SubjectKind, TriageColour, Use


@dataclass(frozen=True, kw_only=True)
class DisclosureRequest:
    """What is decided about telling, and in which words.

    Attributes:
        decision: all, part or nothing of it.
        about: whom and what of the form the words cover, and no other child of it.
        text: the coordinator's words; who they are about is put above them.
        from_whom: of whose form they come, which is put above them too; empty where that is not said.
        beside: what else the form says, each marked as whose it is, which stands below them.
        purpose, basis: codes of policy `sharing`.
        conditions: codes of policy `sharing.conditions`.
        more_conditions: others, in words.
        reason: why this decision; the receiver reads it too.
        refusal: why not, a code of policy `sharing.refusal_reasons`.
        family_told: whether the child or family know that it is passed on.
        family_reason: why not, a code of policy `sharing.family_not_told_reasons`.
        read: the coordinator has read the words in which another child's name was found.
    """

    decision: SharingDecision
    about: Sequence[ReferralSubject]
    text: str = ""
    from_whom: str = ""
    beside: Sequence[str] = ()
    purpose: str = ""
    basis: str = ""
    conditions: Sequence[str] = ()
    more_conditions: str = ""
    reason: str = ""
    refusal: str = ""
    family_told: bool | None = None
    family_reason: str = ""
    read: bool = False


def disclose(
    *, actor: Principal, referral: Referral, team: Team, telling: DisclosureRequest, once: UUID
) -> Disclosure:
    """Tell a team something about a form, or record that it is not told. The words are frozen.

    The receiver owes a confirmation within the time that policy sets for the colour of the form.

    Args:
        once: made when the page was made, so that sending the page twice tells a team once.

    Raises:
        Forbidden: the actor does not tell agencies.
        NamesOthers: something that the receiver would read names a child whom it does not cover.
        DomainError: something is missing, or a child is not known yet; `field` says what.
    """
    require(actor, "disclosure:make")
    if told := sent_before(actor, Disclosure, uuid5(once, str(team.id))):
        return told
    refused = telling.decision is SharingDecision.REFUSE
    children = _covered_children(telling)
    _check(telling, referral, team)
    if not refused:
        check_no_restricted_quotes(
            texts={"text": "\n\n".join((telling.text, *telling.beside))},
            child_ids=[child.id for child in children],
            use=Use.PASS_ON,
            holder=actor.agency_id,
        )
    disclosure = _write(actor, referral, team, telling, children, id=uuid5(once, str(team.id)))
    if not refused:
        open_deadline(
            kind=DeadlineKind.RECEIPT,
            subject=disclosure,
            owner=Owner(team_id=team.id),
            colour=TriageColour(disclosure.colour),
        )
        tell_receiver(actor=actor, disclosure=disclosure)
    else:
        _tell_of_refusal(actor, disclosure)
    return disclosure


def _tell_of_refusal(actor: Principal, disclosure: Disclosure) -> None:
    """Who manages whoever decided it; whom it was kept from never hears that there was something."""
    managers = db.session.scalars(
        select(Team.manager_id).where(
            Team.id.in_(actor.team_ids), Team.agency_id == actor.agency_id, Team.active
        )
    )
    given = {Ground.MANAGER: to_people(*managers)}
    tell(actor=actor, event=REFUSED, about=about_disclosure(disclosure), given=given)


#: What binds a front door by what was said of the family: a code of policy `sharing.conditions`, or words.
_NOT_TO_FAMILY, _ASK_FIRST = "not_to_family", "Ask the hub before the child’s family is told"


#: Whether the family knows, as the sender answered: nobody there has asked them.
_FAMILY_KNOWS: Mapping[Answer | None, bool] = {Answer.YES: True, Answer.NO: False}


def disclose_to_front_door(
    *,
    actor: Principal,
    referral: Referral,
    team: Team,
    subject: ReferralSubject,
    text: str,
    beside: str,
    made_id: UUID,
    family_safe: FamilySafe,
) -> Disclosure:
    """Put before a front door why a child is referred to it. Whoever refers tells it that it is there.

    Args:
        text: the coordinator's words, which were looked through for the source and for other children.
        beside: what the form says to find the child by, as far as it may be passed on.
        made_id: the referral to the front door.
        family_safe: whether the family may know of it.

    Raises:
        Forbidden: the actor does not tell agencies.
        DomainError: the child is not known yet, or the words repeat what may not be passed on.
    """
    require(actor, "disclosure:make")
    telling = DisclosureRequest(
        decision=SharingDecision.SHARE,
        about=[subject],
        text=text,
        from_whom=_sender_to_name(referral, graded=bool(graded_of(referral, [subject]))),
        beside=[beside] if beside else [],
        purpose=PURPOSE,
        basis=BASIS,
        reason="Referred to children’s social care",
        conditions=[_NOT_TO_FAMILY] if family_safe is FamilySafe.NO else [],
        more_conditions=_ASK_FIRST if family_safe is FamilySafe.ASK else "",
        family_told=_FAMILY_KNOWS.get(FormAnswers.from_json(referral.answers).family_aware),
    )
    children = _covered_children(telling)
    check_no_restricted_quotes(
        texts={"text": text},
        child_ids=[child.id for child in children],
        use=Use.PASS_ON,
        holder=actor.agency_id,
    )
    return _write(actor, referral, team, telling, children, id=new_id(), social_care_referral_id=made_id)


def _write(
    actor: Principal,
    referral: Referral,
    team: Team,
    telling: DisclosureRequest,
    children: Sequence[Child],
    *,
    id: UUID,
    social_care_referral_id: UUID | None = None,
) -> Disclosure:
    """The line on the ledger, with its words and the children that it covers."""
    refused = telling.decision is SharingDecision.REFUSE
    disclosure = insert_with_reference(
        Disclosure(
            id=id,
            referral_id=referral.id,
            social_care_referral_id=social_care_referral_id,
            giver_id=actor.user_id,
            giver_agency_id=actor.agency_id,
            receiver_agency_id=team.agency_id,
            receiver_team_id=team.id,
            decision=telling.decision,
            purpose=telling.purpose,
            basis=telling.basis,
            conditions=_conditions(telling, referral) or None,
            reason=_reason(telling),
            colour=referral.colour or TriageColour.GREEN,
            family_told=telling.family_told,
            family_reason=telling.family_reason or None,
            decided_at=clock.now(),
        ),
        Prefix.DISCLOSURE,
        "The record of sharing could not be given a reference. Try again",
    )
    if not refused:
        db.session.add(DisclosureText(disclosure_id=disclosure.id, text=frozen_text(telling)))
    for child in children:
        db.session.add(DisclosureChild(disclosure_id=disclosure.id, child_id=child.id))
    db.session.flush()
    told_about: list[UUID | None] = [child.id for child in children]
    for child_id in told_about or [None]:
        audit.record(
            "disclosure:refuse" if refused else "disclosure:make",
            disclosure,
            child_id=child_id,
            ground="hub",
            team=str(team.id),
        )
    return disclosure


def frozen_text(telling: DisclosureRequest) -> str:
    """Whom it is about, of whose form, the coordinator's words, and apart from them those of others."""
    above = introduction(telling.about), telling.from_whom
    return "\n\n".join(filter(None, (*above, telling.text.strip(), *telling.beside)))


def _sender_to_name(referral: Referral, *, graded: bool) -> str:
    """Of which agency's form it comes, for whoever is told of it; never who there wrote it. Empty of a form
    about a colleague, of what was graded as intelligence, and where no agency is known.
    """
    if referral.concerns_colleague or graded:
        return ""
    agency = agency_of_sender(referral)
    return f"From an information form of {agency.name}, as the hub passes it on" if agency else ""


def introduction(about: Iterable[ReferralSubject]) -> str:
    """Whom words are about, one line each, and nothing of anybody else."""
    return "\n".join(introduce(read_details(one.kind, one.details)) for one in about)


def words_to_start_from(*, referral: Referral, about: Sequence[ReferralSubject]) -> tuple[str, str]:
    """The sanitised words where it was graded, else what happened, never the source; and of whose form they
    come, where that may be said.
    """
    graded = graded_of(referral, about)
    words = graded[0].sanitised_text if graded else referral.what_happened or ""
    return words, _sender_to_name(referral, graded=bool(graded))


def withdraw(*, actor: Principal, disclosure: Disclosure, reason: str) -> None:
    """Take back what was told in error: the receiver loses sight of it. That it was told stays on the ledger.

    Raises:
        Forbidden: the actor does not tell agencies.
        DomainError: there is no reason, or a colleague has withdrawn it.
    """
    require(actor, "disclosure:make")
    reason = require_text(reason, "Say why it is withdrawn", field="reason")
    lock_row(disclosure)
    if disclosure.withdrawn_at is not None:
        raise DomainError("A colleague has just withdrawn this")
    if disclosure.decision != SharingDecision.REFUSE:
        _tell_of_withdrawal(actor, disclosure)
    take_back(disclosure=disclosure, reason=f"Withdrawn: {reason}")


def take_back(*, disclosure: Disclosure, reason: str) -> None:
    """Its receiver loses sight of it and owes nothing on it. Whoever takes it back has told them before."""
    for kind in (DeadlineKind.RECEIPT, DeadlineKind.SOCIAL_CARE_DECISION):
        cancel_deadlines(subject=disclosure, kind=kind, reason=reason)
    disclosure.withdrawn_at = clock.now()
    db.session.flush()
    audit.record("disclosure:withdraw", disclosure, ground="hub", reason=reason)


def _tell_of_withdrawal(actor: Principal, disclosure: Disclosure) -> None:
    """The last word to the team, to whoever was told instead, and to whoever confirmed it: at any hour, where
    they were told at any hour and may have acted on it by the morning.
    """
    about = about_disclosure(disclosure)
    red = heard_of(RED_TOLD, about=about)
    heard = heard_of(TOLD, about=about) | red | to_people(disclosure.confirmed_by)
    given = {Ground.RECIPIENT: to_teams(disclosure.receiver_team_id), Ground.HEARD_BEFORE: heard}
    at_once = red != NOBODY or disclosure.social_care_referral_id is not None
    tell(actor=actor, event=WITHDRAWN, about=about, given=given, at_once=at_once)


def find_disclosure(*, reference: str, referral: Referral) -> Disclosure:
    """What was told from a form, by its reference, as far as the person who asks may see it.

    Raises:
        NotFound: there is none for them.
    """
    return or_not_found(
        db.session.scalar(select(Disclosure).filter_by(reference=reference, referral_id=referral.id)),
        "There is no such record of sharing",
    )


def _covered_children(telling: DisclosureRequest) -> list[Child]:
    children = []
    for subject in telling.about:
        if subject.kind != SubjectKind.CHILD:
            continue
        child = recognised(subject=subject)
        if child is None:
            raise DomainError(f"Say first who {subject.label} is: a known child or a new one", field="about")
        children.append(child)
    return children


def _check(telling: DisclosureRequest, referral: Referral, team: Team) -> None:
    sharing = current_policy().sharing
    if not team.active:
        raise DomainError(f"{team.name} is no longer in use", field="teams")
    if telling.decision is SharingDecision.REFUSE:
        if sharing.refusal_reasons.get(telling.refusal) is None:
            raise DomainError("Choose why they are not told", field="refusal")
        return
    require_text(telling.text, "Write what they are told", field="text")
    if sharing.purposes.get(telling.purpose) is None:
        raise DomainError("Choose what it is for", field="purpose")
    if sharing.bases.get(telling.basis) is None:
        raise DomainError("Choose the basis in law", field="basis")
    if telling.decision is SharingDecision.PART and not telling.reason.strip():
        raise DomainError("Say why only a part is shared", field="reason")
    if telling.family_told is None:
        raise DomainError("Say whether the family knows", field="family_told")
    if telling.family_told is False and sharing.family_not_told_reasons.get(telling.family_reason) is None:
        raise DomainError("Choose why the family does not know", field="family_reason")
    _check_words(telling, referral)


def _check_words(telling: DisclosureRequest, referral: Referral) -> None:
    """Everything that the receiver reads: the words, the reason and the conditions."""
    read: Collection[tuple[str, str]] = (
        ("text", frozen_text(telling)),
        ("reason", telling.reason),
        ("more_conditions", _conditions(telling, referral)),
    )
    for field, text in read:
        refuse_source(text, referral, field=field)
        if not telling.read:
            check_names_no_others(text=text, referral=referral, covered=telling.about, field=field)


def _conditions(telling: DisclosureRequest, referral: Referral) -> str:
    """The conditions chosen and written, and always those that the grading binds the information to."""
    offered = current_policy().sharing.conditions
    chosen = [offered.label(code) for code in telling.conditions]
    graded = [report.conditions or "" for report in graded_of(referral, telling.about)]
    return "\n".join(dict.fromkeys(filter(None, (*chosen, telling.more_conditions.strip(), *graded))))


def _reason(telling: DisclosureRequest) -> str:
    if telling.decision is not SharingDecision.REFUSE:
        return telling.reason.strip()
    why = current_policy().sharing.refusal_reasons.label(telling.refusal)
    return ": ".join(filter(None, (why, telling.reason.strip())))
