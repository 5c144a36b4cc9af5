"""Which outcomes may stand, for what, and beside which others, and what has to be chosen beside one."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions
from portal.extensions import db
from portal.messages.telling import About, Whom
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.records.cases.facts import about_case
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.disclosures.rules import Traits, called, gives_away, introduce, traits_of
from portal.records.entries.adding import agencies_on
from portal.records.entries.facts import about_entry, around_entry
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence.grading import Grading, refuse_source
from portal.records.people.model import Team, User
from portal.records.referrals.facts import agency_of_sender
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import read_details
from portal.records.referrals.sending import recognised, subjects_of
from portal.records.referrals.third_party_check import NamesOthers, check_names_no_others
from portal.records.triage.model import TriageDecision
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome, Sensitivity, SubjectKind

#: The form as a whole, where it names no child, person, place or thing.
WHOLE_FORM = None
Target = ReferralSubject | None
Plan = Mapping[Target, list[DecisionOutcome]]


def plan(subjects: Sequence[ReferralSubject], chosen: Sequence[DecisionOutcome]) -> Plan:
    """Which outcomes are for which subject.

    Raises:
        DomainError: nothing was chosen, an outcome stands alone or fits nothing that is ticked, or
            something is ticked that none of them fits.
    """
    if not chosen:
        raise DomainError("Choose what you decide", field="outcomes")
    rules = current_policy().decisions
    alone = [outcome for outcome in chosen if _stands_alone(outcome)]
    if alone and len(chosen) > 1:
        raise DomainError(f"“{alone[0].label}” cannot be chosen together with another", field="outcomes")
    targets: Sequence[Target] = subjects or [WHOLE_FORM]
    children = [one for one in subjects if one.kind == SubjectKind.CHILD]
    plan: dict[Target, list[DecisionOutcome]] = {}
    for target in targets:
        kind = SubjectKind(target.kind) if target else SubjectKind.PLACE
        allowed = {rule.outcome for rule in rules.outcomes_for(kind)}
        wanted = [outcome for outcome in chosen if outcome in allowed]
        if not wanted and DecisionOutcome.OPEN_CASE in chosen and len(children) == 1:
            wanted = [DecisionOutcome.ADD_TO_CASE]  # who and what was there goes with the child
        if not wanted:
            label = target.label if target else "This form"
            raise DomainError(f"“{chosen[0].label}” is for a child. Decide {label} on its own", field="about")
        plan[target] = wanted
    if unused := set(chosen) - {outcome for wanted in plan.values() for outcome in wanted}:
        raise DomainError(f"“{min(unused).label}” does not fit what is ticked", field="outcomes")
    return plan


def _stands_alone(outcome: DecisionOutcome) -> bool:
    rule = current_policy().decisions.outcomes.get(outcome)
    return bool(rule and rule.stands_alone)


def repeated(
    actor: Principal,
    plan: Plan,
    standing: Sequence[TriageDecision],
    seen: frozenset[UUID],
    reason: str,
) -> list[TriageDecision]:
    """The decisions that this very page made when it was sent before; empty when it was not."""
    new = [
        one
        for one in standing
        if one.id not in seen and one.decided_by == actor.user_id and one.reason == reason.strip()
    ]
    made = {(one.subject_id, one.outcome) for one in new}
    wanted = {(target.id if target else None, outcome) for target, all_ in plan.items() for outcome in all_}
    return new if wanted <= made else []


def refuse_stale(
    plan: Plan,
    standing: Sequence[TriageDecision],
    seen: frozenset[UUID],
    chosen: Sequence[DecisionOutcome],
    reason: str,
) -> None:
    """Go on only if what is decided was undecided, or was seen to be decided, when the page was opened.

    Raises:
        Conflict: a colleague was first; carries both decisions.
    """
    touched = {target.id if target else None for target in plan}
    theirs = [one for one in standing if one.id not in seen and one.subject_id in touched]
    if not theirs:
        return
    who = db.session.scalar(select(User.name).where(User.id == theirs[0].decided_by)) or "A colleague"
    raise Conflict(
        f"{who} has decided this meanwhile. Read both, then reopen theirs if it is wrong",
        Versions(
            {
                "decision": ", ".join(DecisionOutcome(one.outcome).label for one in theirs),
                "reason": theirs[0].reason,
            },
            {"decision": ", ".join(outcome.label for outcome in chosen), "reason": reason},
        ),
        stands=True,  # until somebody reopens it
    )


def refuse_clash(plan: Plan, standing: Sequence[TriageDecision]) -> None:
    """A decision is not made twice, and one that stands alone is not joined by another.

    Raises:
        DomainError: it would be.
    """
    for target, wanted in plan.items():
        stands = [one for one in standing if one.subject_id == (target.id if target else None)]
        label = target.label if target else "The form"
        for one in stands:
            outcome = DecisionOutcome(one.outcome)
            if outcome in wanted:
                raise DomainError(f"{label}: “{outcome.label}” is decided already", field="outcomes")
            if _stands_alone(outcome) or _stands_alone(wanted[0]):
                raise DomainError(
                    f"{label}: “{outcome.label}” stands. Reopen that decision first", field="outcomes"
                )


def words_for(subject: Target, typed: Mapping[UUID | None, str]) -> str:
    """What goes onto a case about a subject, as typed; a thing without a box is introduced as on the form."""
    said = typed.get(subject.id if subject else None)
    if said is None and subject and subject.kind != SubjectKind.CHILD:
        return introduce(read_details(subject.kind, subject.details))
    return said or ""


def says_already(on_case: Sequence[str], subject: Target, words: str) -> bool:
    """Whether what the same round has put onto a case says of a thing what its words do, because it names the
    thing and nobody has changed its words. Else they go there as an entry of their own: what a decision says
    that it added stands on the case.
    """
    if subject is None or subject.kind == SubjectKind.CHILD:
        return False
    details = read_details(subject.kind, subject.details)
    return words in {"", introduce(details)} and any(names(one, details.label) for one in on_case)


def without_undecided(
    typed: Mapping[UUID | None, str], on_form: Sequence[ReferralSubject], decided: Sequence[ReferralSubject]
) -> dict[UUID | None, str]:
    """The words as typed, without the lines that the page began with on a person, place or thing that is not
    decided with them: it would stand on the case before anybody has decided how it may be used.
    """
    kept = {one.id for one in decided}
    others = [one for one in on_form if one.kind != SubjectKind.CHILD and one.id not in kept]
    lines = {introduce(read_details(one.kind, one.details)) for one in others}
    return {
        key: "\n".join(line for line in words.splitlines() if line.strip() not in lines).strip()
        for key, words in typed.items()
    }


class NamesIntelligence(NamesOthers):
    """Words for a case name what is kept as intelligence only. `words` are the names found."""

    def __init__(self, words: tuple[str, ...], *, field: str) -> None:
        DomainError.__init__(
            self,
            f"Take out what is intelligence only: {', '.join(words)}. If it may stand here ungraded, say so"
            " below",
            field=field,
        )
        self.words = words


def check_names_no_intelligence(
    *, text: str, referral: Referral, covered: Sequence[ReferralSubject], field: str
) -> None:
    """Go on only if a text names no person, place or thing of the form that is kept as intelligence only:
    on a case it would stand ungraded, for all who work on it.

    Args:
        covered: whom the text is about: a name that they bear too names nobody else.

    Raises:
        NamesIntelligence: it does.
    """
    kept = (
        select(ReferralSubject)
        .join(TriageDecision, TriageDecision.subject_id == ReferralSubject.id)
        .where(
            TriageDecision.referral_id == referral.id,
            TriageDecision.outcome == DecisionOutcome.INTELLIGENCE_ONLY,
            TriageDecision.reopened_at.is_(None),
            ReferralSubject.kind != SubjectKind.CHILD,
        )
        .order_by(ReferralSubject.position)
    )
    ours = [traits_of(read_details(one.kind, one.details)) for one in covered]
    named = ((one.label, _named_by(text, one, ours)) for one in dict.fromkeys(db.session.scalars(kept)))
    if found := tuple(label + by for label, by in named if by is not None):
        raise NamesIntelligence(found, field=field)


def check_of_child_alone(*, text: str, referral: Referral, subject: ReferralSubject, field: str) -> None:
    """Go on only if what a form says of how a child is reached says nothing of its source, of another child
    on it or of what is kept as intelligence only: people write “c/o her friend, who told me” there.

    Raises:
        DomainError: it does.
    """
    refuse_source(text, referral, field=field)
    check_names_no_others(text=text, referral=referral, covered=[subject], field=field)
    check_names_no_intelligence(text=text, referral=referral, covered=[subject], field=field)


def _named_by(text: str, subject: ReferralSubject, ours: Sequence[Traits]) -> str | None:
    """How a text names a person, place or thing, where it is not by the label; None where it does not."""
    if names(text, subject.label):
        return ""
    details = read_details(subject.kind, subject.details)
    found = [one for one in called(details) if names(text, one)]
    known = current_policy().names
    found += gives_away(text, others=[traits_of(details)], covered=ours, names=known)
    return f" ({', '.join(f'“{one}”' for one in dict.fromkeys(found))})" if found else None


#: A registration as it is issued now, which is written with a space or without.
_PLATE = re.compile(r"[a-z]{2}\d{2}[a-z]{3}")
#: Digits of a number that is whole without its country: what comes before them may be 0 or 44.
_COUNTRYLESS = 9


def names(text: str, label: str) -> bool:
    """Whether a text names a person, place or thing, however it is spaced and written."""
    there, wanted = (" ".join(re.findall(r"\w+", one.casefold())) for one in (text, label))
    close, sought = there.replace(" ", ""), wanted.replace(" ", "")
    if sought.isdecimal():  # a phone number is written with spaces or without, and with the country’s or not
        return sought in close or (len(sought) > _COUNTRYLESS and sought[1:] in close)
    plate = bool(_PLATE.fullmatch(sought)) and sought in close
    return plate or f" {wanted} " in f" {there} "


def on_form_about(referral: Referral, case: Case) -> list[ReferralSubject]:
    """What on a form is the child of a case."""
    return [
        one
        for one in subjects_of(referral=referral)
        if (child := recognised(subject=one)) and child.id == case.child_id
    ]


def readers_of(
    actor: Principal, referral: Referral, case: Case, chosen: Handling
) -> tuple[Handling, Collection[UUID]]:
    """Who reads what a form says on a case, as chosen. “Only the agencies I name” is all that work on it now
    but the sender's, whose manager does not see the form; where that leaves nobody, or nobody knows which
    agency that is, the hub alone.
    """
    if chosen is not Handling.AGENCIES:
        return chosen, ()
    sender = agency_of_sender(referral)
    others = agencies_on(case) - {actor.agency_id, sender.id} if sender else set()
    return (Handling.AGENCIES, others) if others else (Handling.OWN, ())


def whoever_may_know(
    referral: Referral, case: Case, words: Sequence[ChronologyEntry]
) -> tuple[About, dict[Ground, Whom] | None]:
    """What news of a form on a case is about, and who around the case hears it: everybody; of a form for a
    colleague those alone who may read what it says there, where somebody has chosen who may.
    """
    kept = [one for one in words if one.handling != Handling.NETWORK]
    if not referral.concerns_colleague or not kept:
        return about_case(case), None
    return about_entry(case, kept[0]), around_entry(kept[0])


def words_on(case: Case, made: Sequence[TriageDecision]) -> Sequence[ChronologyEntry]:
    """What decisions put onto a case, as it was first put there."""
    put = [UUID(one.details["entry"]) for one in made if "entry" in one.details]
    wanted = select(ChronologyEntry).where(ChronologyEntry.id.in_(put), ChronologyEntry.case_id == case.id)
    return db.session.scalars(wanted.order_by(ChronologyEntry.id)).all()


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How a case is opened."""

    lead_team: Team
    lead_professional: User | None = None
    sensitivity: Sensitivity
    sensitivity_reason: str = ""
    named: Sequence[User] = ()


@dataclass(frozen=True, kw_only=True)
class DecisionSetting:
    """What the outcomes need, each as far as it was chosen.

    Attributes:
        opening: for opening a case.
        words: what goes onto a case, by the identifier of the subject (None for the form as a whole).
            Those of a person, place or thing go there where those of the child do not name it.
        handling, family_safe: how those words may be used. `AGENCIES` is those at work now but the sender's.
        case_reference: the case for a person, place or thing, where no child on the form says which.
        authority: for a referral to social care, a code of policy `areas.authorities`.
        nature: whether it is intelligence; then it is graded.
        grading: how.
        district: for the district's panel, a code of policy `areas.districts`.
        duplicate_of: the reference of the other form.
        read: whether the coordinator has read words in which the name of another child of the form was found,
            and says that they give nobody away.
        eligibility_reason: why the pathway is the right one for somebody who is of age.
        takes: what of how a child is reached goes over to a record that is started.
        others: known children whom one on the form resembles and is not, by their references.
        to_sender: what the sender should know; kept with the decision until everything is decided.
    """

    opening: Opening | None = None
    words: Mapping[UUID | None, str] = field(default_factory=dict)
    handling: Handling = Handling.NETWORK
    family_safe: FamilySafe = FamilySafe.ASK
    case_reference: str = ""
    authority: str = ""
    nature: InformationNature = InformationNature.CONCERN
    grading: Grading | None = None
    district: str = ""
    duplicate_of: str = ""
    read: bool = False
    eligibility_reason: str = ""
    takes: Collection[str] = ()
    others: Collection[str] = ()
    to_sender: str = ""

    @property
    def may_take(self) -> Collection[str]:
        """What goes over: nothing of intelligence, or of what the hub alone reads; a record knows neither."""
        open_to_all = self.nature is InformationNature.CONCERN and self.handling is Handling.NETWORK
        return self.takes if open_to_all else ()
