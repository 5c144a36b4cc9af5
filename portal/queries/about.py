"""What messages and duties are about, in words with names, by what the person who asks may see.

Rows are looked up in the ordinary way, so a name stands here exactly where its record could be opened; where
reach has ended nothing is found, and a page shows the reference alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, literal, union_all

from portal.extensions import db
from portal.queries.about_columns import Columns, Lookup, columns
from portal.queries.about_picture import OF_THE_PICTURE
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case, CaseNotice
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.disclosures.model.disclosures import Disclosure, DisclosureChild
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.records.minutes.model import MinutesIssue
from portal.records.people.model.agencies import Agency, Team
from portal.records.people.model.people import User
from portal.records.plans.model import Action
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.requests.model import InformationRequest
from portal.records.triage.model import SocialCareReferral
from portal.vocabulary import SubjectKind

#: What a subject is looked up as: its kind (the name of a table) and its id.
Key = tuple[str, UUID]


@dataclass(frozen=True)
class Subject:
    """What a message or a duty is about."""

    kind: str
    id: UUID
    case_id: UUID | None = None

    @property
    def key(self) -> Key:
        """What it is looked up as: records without a page of their own as the case that they hang on."""
        if self.kind in _LOOKED_UP or self.case_id is None:
            return self.kind, self.id
        return "cre_case", self.case_id


@dataclass(frozen=True)
class Seen:
    """A subject that the person sees: its own reference, and the names that belong to it."""

    reference: str | None
    names: tuple[str, ...] = ()


def seen(subjects: Iterable[Subject]) -> Mapping[Key, Seen]:
    """Those of the subjects that the person who asks sees, in one statement; none when there are none."""
    wanted: dict[str, set[UUID]] = {}
    for subject in subjects:
        kind, found = subject.key
        if kind in _LOOKED_UP:
            wanted.setdefault(kind, set()).add(found)
    if not wanted:
        return {}
    parts = [_LOOKED_UP[kind](sorted(ids)) for kind, ids in sorted(wanted.items())]
    names: dict[Key, list[str]] = {}
    references: dict[Key, str | None] = {}
    for row in db.session.execute(union_all(*parts) if len(parts) > 1 else parts[0]):
        key = (row.kind, row.id)
        references[key] = row.reference
        name = row.words or " ".join(part for part in (row.given_name, row.family_name) if part)
        if name and name not in names.setdefault(key, []):
            names[key].append(name)
    return {key: Seen(reference, tuple(names.get(key, ()))) for key, reference in references.items()}


def has_record(kind: str) -> bool:
    """Whether subjects of a kind are records that somebody may, or may no longer, see."""
    return kind in _LOOKED_UP and kind not in {"app_user", "team"}


def _cases(ids: list[UUID]) -> Columns:
    """More people see that a case exists than who it is about: for them its reference stands there alone."""
    return (
        columns("cre_case", CaseNotice.case_id, CaseNotice.reference)
        .outerjoin(Case, Case.id == CaseNotice.case_id)
        .outerjoin(Child, Child.id == Case.child_id)
        .where(CaseNotice.case_id.in_(ids))
    )


def _assessments(ids: list[UUID]) -> Columns:
    return (
        columns("risk_assessment", RiskAssessment.id, RiskAssessment.reference)
        .join(Case, Case.id == RiskAssessment.case_id)
        .join(Child, Child.id == Case.child_id)
        .where(RiskAssessment.id.in_(ids))
    )


def _requests(ids: list[UUID]) -> Columns:
    return (
        columns("information_request", InformationRequest.id, InformationRequest.reference)
        .outerjoin(Child, Child.id == InformationRequest.child_id)
        .where(InformationRequest.id.in_(ids))
    )


def _actions(ids: list[UUID]) -> Columns:
    return (
        columns("action", Action.id, Action.reference, words=Concern.name)
        .outerjoin(Child, Child.id == Action.child_id)
        .outerjoin(Concern, Concern.id == Action.concern_id)
        .where(Action.id.in_(ids))
    )


def _disclosures(ids: list[UUID]) -> Columns:
    return (
        columns("disclosure", Disclosure.id, Disclosure.reference)
        .outerjoin(DisclosureChild, DisclosureChild.disclosure_id == Disclosure.id)
        .outerjoin(Child, Child.id == DisclosureChild.child_id)
        .where(Disclosure.id.in_(ids))
    )


def _meetings(ids: list[UUID]) -> Columns:
    return (
        columns("meeting", Meeting.id, Meeting.reference)
        .outerjoin(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .outerjoin(Child, Child.id == MeetingCase.child_id)
        .where(Meeting.id.in_(ids))
    )


def _invitations(ids: list[UUID]) -> Columns:
    return (
        columns("invitation", Invitation.id, Invitation.reference)
        .outerjoin(MeetingCase, MeetingCase.meeting_id == Invitation.meeting_id)
        .outerjoin(Child, Child.id == MeetingCase.child_id)
        .where(Invitation.id.in_(ids))
    )


def _minutes(ids: list[UUID]) -> Columns:
    return (
        columns("minutes_issue", MinutesIssue.id, MinutesIssue.reference)
        .outerjoin(
            MeetingCase,
            (MeetingCase.meeting_id == MinutesIssue.meeting_id)
            & (MeetingCase.case_id == MinutesIssue.case_id),
        )
        .outerjoin(Child, Child.id == MeetingCase.child_id)
        .where(MinutesIssue.id.in_(ids))
    )


def _on_form() -> ColumnElement[bool]:
    return (ReferralSubject.referral_id == Referral.id) & (ReferralSubject.kind == SubjectKind.CHILD)


def _referrals(ids: list[UUID]) -> Columns:
    return (
        columns("referral", Referral.id, Referral.reference, named=False, words=ReferralSubject.label)
        .outerjoin(ReferralSubject, _on_form())
        .where(Referral.id.in_(ids))
    )


def _social_care_referrals(ids: list[UUID]) -> Columns:
    return (
        columns(
            "social_care_referral",
            SocialCareReferral.id,
            Referral.reference,
            named=False,
            words=ReferralSubject.label,
        )
        .join(Referral, Referral.id == SocialCareReferral.referral_id)
        .outerjoin(ReferralSubject, _on_form())
        .where(SocialCareReferral.id.in_(ids))
    )


def _people(ids: list[UUID]) -> Columns:
    return columns("app_user", User.id, None, named=False, words=User.name).where(User.id.in_(ids))


def _teams(ids: list[UUID]) -> Columns:
    words = Team.name + literal(", ") + Agency.name
    return (
        columns("team", Team.id, None, named=False, words=words)
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.id.in_(ids))
    )


_LOOKED_UP: Mapping[str, Lookup] = {
    **OF_THE_PICTURE,
    "cre_case": _cases,
    "risk_assessment": _assessments,
    "information_request": _requests,
    "action": _actions,
    "disclosure": _disclosures,
    "meeting": _meetings,
    "invitation": _invitations,
    "minutes_issue": _minutes,
    "referral": _referrals,
    "social_care_referral": _social_care_referrals,
    "app_user": _people,
    "team": _teams,
}
