"""The rest of a random world: cases, forms, tellings, questions, duties and what is kept about people."""

from typing import Any
from uuid import UUID

from portal.access.model import AuditEvent, AuditSeal, AuditSearch, Heartbeat, SavedFilter
from portal.changes.model import IdempotencyKey
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.model import new_id
from portal.records.assessments.model import AssessmentSection, RiskAssessment
from portal.records.cases.model import (
    AccessGrant,
    Alert,
    Case,
    ChronologyEntry,
    EntryDraft,
    Involvement,
    SensitivityChange,
)
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText
from portal.records.entries.vocabulary import Handling
from portal.records.minutes.model import Minute
from portal.records.people.model import (
    AgencyProvider,
    IdentityProvider,
    RoleChange,
    StaffInvite,
    Team,
    User,
    UserIdentity,
)
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.vocabulary import CaseState
from tests.access.oracle.world import A_YEAR, World
from tests.factories.assessments import make_answer, make_citation, make_level

HANDLINGS = tuple(Handling)


def make_case(world: World, child: Child, state: CaseState) -> Case:
    """A case with teams, named people, entries and everything else that hangs on it."""
    case = Case(
        id=new_id(),
        reference=world.reference("CRE"),
        child_id=child.id,
        state=state,
        sensitivity=world.any((0, 0, 1, 2)),
        sensitivity_reason="",
        level=world.any((None, "high", "low")),
        lead_agency_id=world.any(world.agencies).id,
        reason="Test",
        opened_at=world.past(),
        opened_by=world.coordinators[0].id,
        policy_version="test",
    )
    world.cases.append(case)
    world.add(case)
    owner = world.any(world.users)
    add_deadline(world, "cre_case", case.id, {"case_id": case.id}, owner_id=owner.id)
    for team in world.some(world.teams, 7):
        involve(world, case, team)
    for user in world.some(world.users, 4) + world.some(world.odd_ones, 2):
        give(world, case, user)
    for _ in range(4):
        author = world.any(world.users)
        world.add(
            ChronologyEntry(
                id=new_id(),
                case_id=case.id,
                author_id=author.id,
                agency_id=world.any((author.agency_id, world.any(world.agencies).id)),
                kind="note",
                text="Text",
                happened_at=world.past(),
                handling=world.any(HANDLINGS),
                listed_agencies=world.listed(),
                family_safe="no",
            )
        )
    world.add(
        Alert(
            id=new_id(),
            case_id=case.id,
            kind="risk",
            text="Text",
            owner_id=owner.id,
            review_on=world.now.date(),
        ),
        EntryDraft(case_id=case.id, author_id=owner.id, answers={}, saved_at=world.past()),
        *_assessed(world, case, owner),
        SensitivityChange(
            id=new_id(),
            case_id=case.id,
            before=0,
            after=1,
            reason="Test",
            asked_by=owner.id,
            asked_at=world.past(),
        ),
    )
    return case


def _assessed(world: World, case: Case, owner: User) -> list[Any]:
    """An assessment with an answer, and a level."""
    found = RiskAssessment(
        id=new_id(),
        reference=case.reference.replace("CRE", "ASM"),
        case_id=case.id,
        kind="full",
        trigger="case_opened",
        state="draft",
        assessor_id=owner.id,
        agency_id=owner.agency_id,
        started_at=world.now,
        policy_version="test",
    )
    world.add(found)
    section = AssessmentSection(
        assessment_id=found.id, section="voice", number=1, saved_at=world.now, saved_by=owner.id
    )
    return [section, make_answer(found, owner), make_level(case, owner)]


def involve(world: World, case: Case, team: Team) -> Involvement:
    """A team on a case, perhaps no longer or not for long."""
    found = Involvement(
        id=new_id(),
        case_id=case.id,
        agency_id=team.agency_id,
        team_id=team.id,
        reason="Test",
        started_at=world.now - A_YEAR,
        started_by=world.coordinators[0].id,
        ended_at=world.end(),
    )
    world.add(found)
    return found


def give(world: World, case: Case, user: User) -> AccessGrant:
    """A person on a case by name."""
    found = AccessGrant(
        id=new_id(),
        case_id=case.id,
        user_id=user.id,
        kind=world.any(("named", "break_glass", "meeting", "subject_access")),
        reason="Test",
        starts_at=world.past(),
        ends_at=world.end(),
        granted_by=world.coordinators[0].id,
    )
    world.given_in[found.id] = user.agency_id
    world.add(found)
    return found


def add_deadline(world: World, kind: str, subject_id: UUID, links: dict[str, Any], **owner: Any) -> None:
    """A duty on any subject; without a named owner it belongs to a team or an agency."""
    owner = owner or world.any(
        (
            {"owner_id": world.any(world.users).id},
            {"owner_team_id": world.any(world.teams).id},
            {"owner_agency_id": world.any(world.agencies).id},
        )
    )
    moment = world.past()
    world.add(
        Deadline(
            id=new_id(),
            kind=DeadlineKind.TRIAGE,
            subject_kind=kind,
            subject_id=subject_id,
            started_at=moment,
            due_at=moment,
            original_due_at=moment,
            state="open",
            source="test",
            confirmed=True,
            policy_version="test",
            **links,
            **owner,
        )
    )


def disclose(world: World) -> Disclosure:
    """A telling or a refusal, to an agency, a team or a person."""
    giver, told = world.any(world.users), world.any(world.users)
    team = world.team_of(told)
    case = world.any((None, world.any(world.cases)))
    found = Disclosure(
        id=new_id(),
        reference=world.reference("DIS"),
        case_id=case.id if case else None,
        of_joining=case is not None and world.users.index(told) % 2 == 0,
        giver_id=giver.id,
        giver_agency_id=world.any((giver.agency_id, giver.agency_id, world.any(world.agencies).id)),
        receiver_agency_id=world.any((told.agency_id, told.agency_id, world.any(world.agencies).id)),
        receiver_team_id=team.id if team and world.chance(0.7) else None,
        receiver_id=told.id if world.chance(0.3) else None,
        social_care_referral_id=world.front_doors.pop() if world.front_doors else None,
        decision=world.any(("share", "share", "part", "refuse")),
        purpose="p",
        basis="b",
        reason="r",
        colour="green",
        decided_at=world.past(),
        withdrawn_at=world.past() if world.chance(0.3) else None,
    )
    world.add(found, DisclosureText(disclosure_id=found.id, text="Text"))
    covered = world.some(world.children, 3)
    world.add(*(DisclosureChild(disclosure_id=found.id, child_id=child.id) for child in covered))
    add_deadline(world, "disclosure", found.id, {"disclosure_id": found.id})
    return found


def _limited(world: World, case: Case) -> list[ChronologyEntry]:
    """The entries on a case that not everybody there reads."""
    entries = world.rows.query(ChronologyEntry).filter_by(case_id=case.id).order_by(ChronologyEntry.id)
    return [one for one in entries if one.handling != Handling.NETWORK]


def ask(world: World) -> InformationRequest:
    """A question from a case or a form to a team or a person, with what was answered."""
    asked = world.any(world.users)
    team = world.team_of(asked)
    by_name = team is None or world.chance(0.4)
    case = world.any((None, world.any(world.cases)))
    referral = None if case else world.any(world.referrals)
    # Every other question on a case asks for an entry to be released.
    of_entry = case is not None and world.rows.query(InformationRequest).count() % 2 == 0
    entries = _limited(world, case) if case and of_entry else []
    found = InformationRequest(
        id=new_id(),
        reference=world.reference("REQ"),
        case_id=case.id if case else None,
        referral_id=referral.id if referral else None,
        child_id=case.child_id if case else world.any(world.children).id,
        asked_agency_id=world.any((asked.agency_id, asked.agency_id, world.any(world.agencies).id)),
        asked_team_id=team.id if team else None,
        asked_user_id=asked.id if by_name else None,
        asked_by=world.any(world.users).id,
        entry_id=entries[0].id if entries else None,
        asked_at=world.past(),
        question="Q",
        why="W",
        due_at=world.now,
        withdrawn_at=world.past() if world.chance(0.15) else None,
        reach_until=world.end(),
    )
    world.add(found)
    for author in [asked, *world.some(world.users, 3)]:
        world.add(
            InformationAnswer(
                id=new_id(),
                request_id=found.id,
                case_id=found.case_id,
                author_id=author.id,
                agency_id=author.agency_id,
                text="A",
                handling=world.any(HANDLINGS),
                listed_agencies=world.listed(),
                answered_at=world.past(),
            )
        )
    add_deadline(world, "information_request", found.id, {"request_id": found.id})
    return found


def keep_about_people(world: World) -> None:
    """Identities, invitations, changes of roles, saved filters, the audit trail, the worker's heartbeat."""
    provider = IdentityProvider(
        id=new_id(), code="p", name="P", issuer="https://p.example", client_id="c", active=True
    )
    world.add(provider, AgencyProvider(agency_id=world.agencies[1].id, provider_id=provider.id))
    world.add(Heartbeat(tick="test", beat_at=world.now))
    seal = AuditSeal(number=1, sealed_at=world.now, rows=0, digest=b"d", previous=b"")
    world.add(seal)
    for n, user in enumerate(world.users):
        world.add(
            UserIdentity(id=new_id(), user_id=user.id, issuer="https://p.example", subject=str(n)),
            StaffInvite(
                id=new_id(),
                user_id=user.id,
                token_hash=str(n).encode(),
                expires_at=world.any((world.soon, world.past())),
            ),
            SavedFilter(id=new_id(), user_id=user.id, page="queue", name="Mine", query={}),
            IdempotencyKey(user_id=user.id, key=str(n), made_at=world.now),
            RoleChange(
                id=new_id(),
                user_id=user.id,
                roles_before=[],
                roles_after=[],
                asked_by=world.any(world.users).id,
                asked_at=world.now,
            ),
            AuditEvent(
                id=new_id(),
                at=world.now,
                xact=0,
                actor_id=world.any((None, user.id)),
                action="case:view",
                child_id=world.any(world.children).id,
                details={},
            ),
            AuditSearch(event_id=new_id(), actor_id=user.id, searched_at=world.now, text=f"child {n}"),
        )


def cite(world: World) -> None:
    """Assessments, and minutes on a child, cite what the agencies of the case know. No dice are thrown."""
    held = [*world.rows.query(RiskAssessment), *world.rows.query(Minute)]
    for holder in held:
        entries = world.rows.query(ChronologyEntry).filter_by(case_id=holder.case_id)
        for entry in entries.where(ChronologyEntry.handling != Handling.OWN):
            world.add(*make_citation(holder, entry, entry.author_id))
