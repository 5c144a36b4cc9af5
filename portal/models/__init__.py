"""Tables, by noun, and nothing else."""

from .agencies import Agency, AgencyProvider, IdentityProvider, Team
from .audit import AuditEvent, AuditSeal, Heartbeat, SavedFilter, StateTransition
from .cases import AccessGrant, Alert, Case, CaseNotice, CaseScope, ChronologyEntry, Involvement
from .children import (
    Child,
    ChildAlias,
    ChildIdentifier,
    ChildLink,
    ChildRecord,
    ChildScope,
    ChildStatement,
    ChildStatus,
    NameKey,
)
from .deadlines import Deadline
from .decisions import IntelligenceReport, SocialCareReferral, TriageDecision
from .disclosures import Disclosure, DisclosureChild, DisclosureText
from .people import RoleChange, SignInSession, StaffInvite, TeamMember, User, UserIdentity
from .referrals import (
    DraftOpening,
    Feedback,
    Referral,
    ReferralColour,
    ReferralHandover,
    ReferralMessage,
    ReferralNotice,
    ReferralPresence,
    ReferralSource,
    ReferralSubject,
)
from .requests import InformationAnswer, InformationRequest

__all__ = [
    "AccessGrant",
    "Agency",
    "AgencyProvider",
    "Alert",
    "AuditEvent",
    "AuditSeal",
    "Case",
    "CaseNotice",
    "CaseScope",
    "Child",
    "ChildAlias",
    "ChildIdentifier",
    "ChildLink",
    "ChildRecord",
    "ChildScope",
    "ChildStatement",
    "ChildStatus",
    "ChronologyEntry",
    "Deadline",
    "Disclosure",
    "DisclosureChild",
    "DisclosureText",
    "DraftOpening",
    "Feedback",
    "Heartbeat",
    "IdentityProvider",
    "InformationAnswer",
    "InformationRequest",
    "IntelligenceReport",
    "Involvement",
    "NameKey",
    "Referral",
    "ReferralColour",
    "ReferralHandover",
    "ReferralMessage",
    "ReferralNotice",
    "ReferralPresence",
    "ReferralSource",
    "ReferralSubject",
    "RoleChange",
    "SavedFilter",
    "SignInSession",
    "SocialCareReferral",
    "StaffInvite",
    "StateTransition",
    "Team",
    "TeamMember",
    "TriageDecision",
    "User",
    "UserIdentity",
]
