"""What a decision sets going: a case, an entry, a team on it, a referral to social care, a graded report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from sqlalchemy import func, select

from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import insert_now
from portal.extensions import db
from portal.messages.telling import Given, tell, to_people, to_teams
from portal.messages.vocabulary import Event, Ground
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.cases.opening import add_entry_from_referral, last_closed_case, open_case
from portal.records.children.model import Child
from portal.records.closing.effects import reopen_case
from portal.records.intelligence import gradings
from portal.records.intelligence.grading import grade, refuse_source
from portal.records.people.agencies import councils_in, teams_at
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import FormAnswers
from portal.records.referrals.sending import about_form, recognised
from portal.records.referrals.third_party_check import check_names_no_others
from portal.records.triage.child_match import recognise, start_record
from portal.records.triage.decision_rules import (
    DecisionSetting,
    check_names_no_intelligence,
    on_form_about,
    readers_of,
    says_already,
    whoever_may_know,
    words_for,
)
from portal.records.triage.model import TO_SENDER, TriageDecision
from portal.records.triage.social_care import refer
from portal.records.triage.vocabulary import (
    ADDED_TO_CASE,
    FOR_PANEL,
    FOUND_DUPLICATE,
    INTELLIGENCE_KEPT,
    RED_ON_CASE,
    InformationNature,
)
from portal.vocabulary import DecisionOutcome, Desk, Sensitivity, SubjectKind, TriageColour

#: Outcomes for which somebody has to know who the child is.
_NEEDS_CHILD = frozenset(
    {
        DecisionOutcome.OPEN_CASE,
        DecisionOutcome.ADD_TO_CASE,
        DecisionOutcome.RECORD_ON_CLOSED,
        DecisionOutcome.REOPEN_CASE,
        DecisionOutcome.SOCIAL_CARE_REFERRAL,
    }
)

#: Outcomes whose reason stands on the case, for all who work on it; and the box in which it is written.
_SAYS_WHY, _WHY = frozenset({DecisionOutcome.OPEN_CASE, DecisionOutcome.REOPEN_CASE}), "reason"

#: Outcomes that are of a case that is there, so that the child has to be recognised.
_OF_KNOWN_CASE = frozenset(
    {DecisionOutcome.ADD_TO_CASE, DecisionOutcome.RECORD_ON_CLOSED, DecisionOutcome.REOPEN_CASE}
)


@dataclass
class Effects:
    """What was set going."""

    cases: dict[UUID, Case] = field(default_factory=dict)  # by the child
    entries: list[ChronologyEntry] = field(default_factory=list)
    passed_on: bool = False


Work = Sequence[tuple[TriageDecision, ReferralSubject | None]]


def carry_out(*, actor: Principal, referral: Referral, decisions: Work, setting: DecisionSetting) -> Effects:
    """Write decisions and what they set going, children first, so that people and things find their case.

    Raises:
        DomainError: something that an outcome needs is missing or does not fit; `field` says what.
    """
    children = _children(actor, referral, decisions, setting)
    if children is None:
        return Effects(passed_on=True)
    _check_nature(decisions, setting)
    if setting.nature is InformationNature.INTELLIGENCE and setting.grading:
        about = {subject.id: subject for _, subject in decisions if subject}
        only = next(iter(about.values())) if len(about) == 1 else None
        grade(actor=actor, referral=referral, subject=only, grading=setting.grading)
    refuse_source(setting.to_sender, referral, field="tell_sender")
    to_sender = {TO_SENDER: setting.to_sender.strip()} if setting.to_sender.strip() else {}
    work = _DecisionRun(actor, referral, setting, children)
    for decision, subject in sorted(decisions, key=_children_first):
        decision.details = {"nature": setting.nature.value} | to_sender
        work.prepare(decision, subject)
        insert_now(decision)
        if decision.outcome == DecisionOutcome.SOCIAL_CARE_REFERRAL:
            assert subject is not None  # noqa: S101  # only a child is referred
            work.refer(decision, subject)
    return work.effects


@dataclass
class _DecisionRun:
    """One round of deciding, carried out decision by decision."""

    actor: Principal
    referral: Referral
    setting: DecisionSetting
    children: Mapping[UUID, Child]
    effects: Effects = field(default_factory=Effects)
    opened: set[UUID] = field(default_factory=set)  # cases: whoever is on them is told that they are open
    told: set[Event] = field(default_factory=set)  # what is told once of a form

    @cached_property
    def once(self) -> str:
        """What is told once of the form is told anew after a decision was taken back: whoever heard of that
        has to hear what stands now. Of a red one each time that something on it is decided: nothing else
        tells at any hour of the words that come onto the case later.
        """
        before = select(func.count()).where(TriageDecision.referral_id == self.referral.id)
        if self.referral.colour != TriageColour.RED:
            before = before.where(TriageDecision.reopened_at.is_not(None))
        return f"{self.referral.id}:{db.session.scalar(before)}"

    def prepare(self, decision: TriageDecision, subject: ReferralSubject | None) -> None:
        """Do what has to be there before the decision is written, and note it on the decision."""
        match DecisionOutcome(decision.outcome):
            case (
                DecisionOutcome.OPEN_CASE
                | DecisionOutcome.ADD_TO_CASE
                | DecisionOutcome.RECORD_ON_CLOSED
                | DecisionOutcome.REOPEN_CASE
            ):
                if decision.outcome in _SAYS_WHY and subject:
                    self._check(decision.reason, [subject], _WHY)
                case = self._case(decision, self.children.get(subject.id) if subject else None)
                decision.case_id = case.id
                self._add_words(case, subject, decision)
                self._tell_of_words(case, decision)
            case DecisionOutcome.SOCIAL_CARE_REFERRAL:
                decision.details = {**decision.details, "authority": self.setting.authority}
            case DecisionOutcome.DISTRICT_PANEL:
                district = current_policy().areas.districts.get(self.setting.district)
                if district is None:
                    raise DomainError("Choose the district whose panel it goes to", field="district")
                decision.details = {**decision.details, "district": district.code}
                self._tell_outside_hub(FOR_PANEL, {Ground.COUNCIL: to_teams(*councils_in(district.code))})
            case DecisionOutcome.INTELLIGENCE_ONLY:
                desks = {Ground.INTELLIGENCE_DESK: to_teams(*teams_at(Desk.INTELLIGENCE))}
                self._tell_outside_hub(INTELLIGENCE_KEPT, desks)
            case DecisionOutcome.DUPLICATE:
                other = self._other_form()
                decision.duplicate_of_id = other.id
                holder = {Ground.OWNER: to_people(other.claimed_by)}
                about = about_form(other)
                tell(actor=self.actor, event=FOUND_DUPLICATE, about=about, given=holder, once=self.once)
            case _:
                pass

    def _tell_of_words(self, case: Case, decision: TriageDecision) -> None:
        """Whoever works on the case hears of a red form at any hour, also where it opened the case; of
        another whoever leads one that is open. Of several on one form they hear once.
        """
        added = decision.outcome == DecisionOutcome.ADD_TO_CASE and case.id not in self.opened
        red = self.referral.colour == TriageColour.RED
        if added or (red and decision.outcome != DecisionOutcome.RECORD_ON_CLOSED):
            event = RED_ON_CASE if red else ADDED_TO_CASE
            words = [one for one in self.effects.entries if one.case_id == case.id]
            about, given = whoever_may_know(self.referral, case, words)
            tell(actor=self.actor, event=event, about=about, given=given, once=self.once)

    def _tell_outside_hub(self, event: Event, given: Given) -> None:
        """Tell, once of a form, whoever asks the hub about it. Of a form on a child whose case is sealed the
        hub knows nothing: whoever decides tells them by word of mouth.
        """
        if event in self.told or not db.session.scalar(select(func.ctx.is_the_hubs(self.referral.id))):
            return
        self.told.add(event)
        again = select(func.count()).where(
            TriageDecision.referral_id == self.referral.id, TriageDecision.reopened_at.is_not(None)
        )
        once = str(db.session.scalar(again) or "")  # whoever heard that it was taken back hears it anew
        tell(actor=self.actor, event=event, about=about_form(self.referral), given=given, once=once)

    def refer(self, decision: TriageDecision, subject: ReferralSubject) -> None:
        """Send a child to the front door, in the words that stand in their box."""
        box = words_field(subject)
        words = require_text(
            self.setting.words.get(subject.id, ""), "Write what social care is told", field=box
        )
        self._check(words, [subject], box)
        refer(
            actor=self.actor,
            referral=self.referral,
            decision=decision,
            subject=subject,
            authority=self.setting.authority,
            text=words,
            family_safe=self.setting.family_safe,
        )

    def _check(self, words: str, about: Sequence[ReferralSubject], box: str) -> None:
        """Words that leave the hub: nothing of the source and, unless somebody read them, of others."""
        refuse_source(words, self.referral, field=box)
        if not self.setting.read:
            check_names_no_others(text=words, referral=self.referral, covered=about, field=box)
        graded = self.setting.nature is InformationNature.INTELLIGENCE and box != _WHY
        if not self.setting.read and not graded:
            check_names_no_intelligence(text=words, referral=self.referral, covered=about, field=box)

    def _case(self, decision: TriageDecision, child: Child | None) -> Case:
        if child is None:
            return self._case_for_thing()
        match DecisionOutcome(decision.outcome):
            case DecisionOutcome.OPEN_CASE:
                case = self._open(child, decision.reason)
                self.opened.add(case.id)
            case DecisionOutcome.RECORD_ON_CLOSED:
                case = _closed_case_of(child)
            case DecisionOutcome.REOPEN_CASE:
                case = self._reopen(child, decision.reason)
                self.opened.add(case.id)
            case _:
                case = _open_case_of(child)
        self.effects.cases[child.id] = case
        return case

    def _open(self, child: Child, reason: str) -> Case:
        opening = self.setting.opening
        if opening is None:
            raise DomainError("Choose the team that leads", field="lead_team")
        named = list(opening.named)
        if opening.sensitivity is Sensitivity.SEALED:
            # Whoever decides has to finish: unless they are named, the form goes out of their sight here.
            named.append(db.session.get_one(User, self.actor.user_id))
        policy = current_policy()
        known = policy.areas.districts.get(self.referral.district)
        district = known.code if known else None
        answers = FormAnswers.from_json(self.referral.answers)
        return open_case(
            actor=self.actor,
            child=child,
            lead_team=opening.lead_team,
            lead_professional=opening.lead_professional,
            authority=policy.authority_of(district),
            district=district,
            types=self.referral.types,
            contexts=[code for code in answers.contexts if policy.exploitation.contexts.get(code)],
            sensitivity=opening.sensitivity,
            sensitivity_reason=opening.sensitivity_reason,
            named=named,
            reason=reason,
            policy=policy.for_authority(policy.authority_of(district)),
        )

    def _reopen(self, child: Child, reason: str) -> Case:
        case = _closed_case_of(child)
        reopen_case(actor=self.actor, case=case, reason=reason, version=case.version)
        return case

    def _case_for_thing(self) -> Case:
        """The case that a person, place or thing goes onto: the one named, else the only one decided here."""
        if self.setting.case_reference:
            found = db.session.scalar(
                select(Case).where(
                    Case.reference == self.setting.case_reference, Case.state.in_(OPEN_CASE_STATES)
                )
            )
            if found is None:
                raise DomainError("No open case that you can see has this reference", field="case_reference")
            return found
        if len(self.effects.cases) == 1:
            return next(iter(self.effects.cases.values()))
        raise DomainError("Enter the reference of the case that it goes onto", field="case_reference")

    def _add_words(self, case: Case, subject: ReferralSubject | None, decision: TriageDecision) -> None:
        """Put the words for a subject onto the case; those of a thing where nothing says them there yet."""
        words = words_for(subject, self.setting.words).strip()
        box = words_field(subject)
        if says_already([one.text for one in self.effects.entries if one.case_id == case.id], subject, words):
            return
        if not words:
            raise DomainError("Write what goes onto the case", field=box)
        self._check(words, on_form_about(self.referral, case), box)
        handling, listed = readers_of(self.actor, self.referral, case, self.setting.handling)
        graded = self.setting.grading if self.setting.nature is InformationNature.INTELLIGENCE else None
        entry = add_entry_from_referral(
            actor=self.actor,
            case=case,
            referral=self.referral,
            text=words,
            handling=handling,
            listed=listed,
            family_safe=self.setting.family_safe,
            # That the case is open, or that a red form is on it, tells them of it.
            told_otherwise=case.id in self.opened or self.referral.colour == TriageColour.RED,
        )
        self.effects.entries.append(entry)
        decision.details = {**decision.details, "entry": str(entry.id)}
        if graded is not None:
            gradings.grade(actor=self.actor, case=case, entry=entry, grading=gradings.Graded.of_form(graded))

    def _other_form(self) -> Referral:
        found = db.session.scalar(
            select(Referral).where(
                Referral.reference == self.setting.duplicate_of, func.ctx.triages(Referral.id)
            )
        )
        if found is None:
            raise DomainError("Enter the reference of another form that you can see", field="duplicate_of")
        if found.id == self.referral.id:
            raise DomainError("A form cannot be a duplicate of itself", field="duplicate_of")
        return found


def words_field(subject: ReferralSubject | None) -> str:
    """The name of the form field in which the words for a subject stand."""
    return f"words_{subject.position}" if subject else "words_0"


def _children(
    actor: Principal, referral: Referral, decisions: Work, setting: DecisionSetting
) -> dict[UUID, Child] | None:
    """The known child of each subject that needs one; None when the form belongs to a colleague now."""
    found: dict[UUID, Child] = {}
    for decision, subject in decisions:
        needs = subject and subject.kind == SubjectKind.CHILD and decision.outcome in _NEEDS_CHILD
        if not subject or not needs or subject.id in found:
            continue
        child = recognised(subject=subject)
        if child is None and decision.outcome in _OF_KNOWN_CASE:
            raise DomainError(
                f"Say which of the known children {subject.label} is, then add to their case",
                field="outcomes",
            )
        if child is None:
            child = start_record(
                actor=actor,
                referral=referral,
                subject=subject,
                eligibility_reason=setting.eligibility_reason,
                takes=setting.may_take,
                others=setting.others,
            )
        else:  # a record may have been linked to another since the coordinator said who it is
            child = recognise(actor=actor, referral=referral, subject=subject, child=child)
        if child is None:
            return None
        found[subject.id] = child
    return found


def _children_first(work: tuple[TriageDecision, ReferralSubject | None]) -> tuple[bool, bool, int]:
    decision, subject = work
    is_child = subject is not None and subject.kind == SubjectKind.CHILD
    return (not is_child, decision.outcome != DecisionOutcome.OPEN_CASE, subject.position if subject else 0)


def _check_nature(decisions: Work, setting: DecisionSetting) -> None:
    only = any(decision.outcome == DecisionOutcome.INTELLIGENCE_ONLY for decision, _ in decisions)
    if only and setting.nature is not InformationNature.INTELLIGENCE:
        raise DomainError("What is kept as intelligence is graded: choose intelligence", field="nature")
    if setting.nature is InformationNature.INTELLIGENCE and setting.grading is None:
        raise DomainError("Grade the intelligence", field="source_grade")


def _open_case_of(child: Child) -> Case:
    case = db.session.scalar(select(Case).where(Case.child_id == child.id, Case.state.in_(OPEN_CASE_STATES)))
    if case is not None:
        return case
    closed = last_closed_case(child)
    name = f"{child.given_name} {child.family_name}".strip()
    if closed is None:
        raise DomainError(f"No case is open for {name}. Choose “Open a case”", field="outcomes")
    raise DomainError(
        f"The case {closed.reference} of {name} is closed. Record it there, or reopen that case",
        field="outcomes",
    )


def _closed_case_of(child: Child) -> Case:
    open_case = db.session.scalar(
        select(Case.reference).where(Case.child_id == child.id, Case.state.in_(OPEN_CASE_STATES))
    )
    if open_case is not None:
        raise DomainError(f"The case {open_case} is open. Add to that case", field="outcomes")
    case = last_closed_case(child)
    if case is None:
        name = f"{child.given_name} {child.family_name}".strip()
        raise DomainError(f"{name} has no closed case. Choose “Open a case”", field="outcomes")
    return case
