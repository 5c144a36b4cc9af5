"""Those at a meeting whom nobody invited, or who have no account: who walked in, and what is handed to
people who get nothing from the portal itself, on record.
"""

from collections.abc import Collection
from datetime import date, time
from uuid import UUID

from sqlalchemy import func, or_, select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import insert_now, insert_with_reference, lock_row
from portal.extensions import db
from portal.messages.telling import About, tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.calendar import at_local
from portal.pathway.references import Prefix
from portal.policy import current_policy
from portal.records.by_hand.facts import NO_FAMILY_CONTACT, close_moot, owed_of_meeting, why_not_to_family
from portal.records.by_hand.rules import HANDED, plain_name
from portal.records.cases.grants import check_can_be_named
from portal.records.cases.model import Alert, Case
from portal.records.children.model import Child
from portal.records.meetings import chairing
from portal.records.meetings.chairing import case_of, cases_of, require_running
from portal.records.meetings.model import Invitation, Meeting, MeetingHandout
from portal.records.meetings.telling import only_case
from portal.records.meetings.vocabulary import WALKED_IN, Attendance, InvitationReply, MeetingState
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.vocabulary import FOR_OUTSIDE, MinutesKind
from portal.records.people.model import User

#: The role (policy `meetings.roles`) of the child.
CHILD = "child"


def hand_out(
    *,
    actor: Principal,
    meeting: Meeting,
    invitation: Invitation | None,
    case_ids: Collection[UUID],
    what: str,
    way: str,
    on: date,
    issue: MinutesIssue | None = None,
) -> list[MeetingHandout]:
    """Put on record what somebody without an account was handed, child by child, so that each record follows
    its child. It stays: put an error right by another. The same again is the record that there is.

    Receivers on the sharing ledger are agencies; what a person of the family or their advocate received is
    kept here and in the audit trail.

    Args:
        invitation: to whom; None for the child whom it is about, whether invited or not.
        case_ids: the cases of the children whom it is about; none for a meeting on a district.
        way: a code of policy `meetings.handout_ways`.
        on: the day on which it was handed over.
        issue: the version of the minutes that was handed over, where it was one.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the invitation is another meeting's, or is withdrawn; or a case is not of the meeting.
        DomainError: an alert stands against it, they have an account, or something is missing.
    """
    require_running(actor, meeting)
    _check_invited(meeting, invitation)
    if MeetingState(meeting.state) is MeetingState.CANCELLED:
        raise DomainError("This meeting was cancelled")
    if why := barred(meeting=meeting, invitation=invitation) if invitation else family_barred(meeting):
        raise DomainError(why, field="what")
    if issue is not None:
        _check_issue(meeting, invitation, issue)
        if invitation is None and issue.case_id not in case_ids:
            raise DomainError(
                "That version is about another child. Choose the one for this child", field="issue"
            )
        case_ids = [one for one in (issue.case_id,) if one]
        what = what.strip() or f"Minutes {issue.reference}: {MinutesKind(issue.kind).label.lower()}"
    _check(what, way, on)
    cases: list[Case | None] = [case_of(meeting=meeting, case_id=one) for one in sorted(set(case_ids))]
    if invitation is None and len(cases) != 1:
        raise DomainError("Choose whom it is about", field="children")
    if not cases:
        if issue is None and cases_of(meeting):
            raise DomainError("Choose whom it is about", field="children")
        cases = [None]
    lock_row(meeting)  # a form that is sent twice takes its turn
    if issue is not None:
        _end_duties(actor, meeting, invitation, issue)
    handed_at = clock.now() if on == clock.today() else at_local(on, time(12))
    return [
        _keep(
            actor,
            MeetingHandout(
                id=new_id(),
                meeting_id=meeting.id,
                case_id=case.id if case else None,
                invitation_id=invitation.id if invitation else None,
                what=what.strip(),
                way=way,
                issue_id=issue.id if issue else None,
                handed_at=handed_at,
                handed_by=actor.user_id,
            ),
            case,
            invitation,
        )
        for case in cases
    ]


def _end_duties(
    actor: Principal, meeting: Meeting, invitation: Invitation | None, issue: MinutesIssue
) -> None:
    """Nobody owes it any more to hand it over, where it is a child's its own version."""
    if invitation is not None and invitation.role != CHILD:
        end_for_outside(actor=actor, meeting=meeting, invited=[invitation], reason=HANDED)
        return
    invited = children_invited(meeting=meeting, case_id=issue.case_id)
    if invitation is not None and invitation not in invited:
        return
    end_for_outside(actor=actor, meeting=meeting, invited=invited, reason=HANDED)
    for told in owed_of_meeting(meeting_id=meeting.id, kind=issue.__tablename__):
        if told.subject_id == issue.id:
            close_moot(actor=actor, told=told, reason=HANDED)


def end_for_outside(
    *, actor: Principal, meeting: Meeting, invited: Collection[Invitation], reason: str
) -> None:
    """Nobody owes it any more to tell some of those invited of the minutes that were distributed.

    Args:
        reason: one of `by_hand.rules.MOOT`.
    """
    names = {one.external_name for one in invited}
    for told in owed_of_meeting(meeting_id=meeting.id, kind=meeting.__tablename__):
        if told.event == FOR_OUTSIDE.code and told.name in names:
            close_moot(actor=actor, told=told, reason=reason)


def children_invited(*, meeting: Meeting, case_id: UUID | None) -> list[Invitation]:
    """Who was invited as the child of a case: of a meeting on several children whoever bears its name, for an
    invitation does not say whose it is.
    """
    invited = db.session.scalars(
        select(Invitation)
        .filter_by(meeting_id=meeting.id, role=CHILD, withdrawn_at=None)
        .where(Invitation.external_name.is_not(None))
    ).all()
    if not invited or case_id is None:
        return []
    whole = db.session.scalar(select(func.ctx.reaches_all_of_meeting(meeting.id)))
    if whole and [one.id for one in cases_of(meeting)] == [case_id]:
        return list(invited)
    child = db.session.scalar(select(Child).join(Case, Case.child_id == Child.id).where(Case.id == case_id))
    if child is None:
        return []
    names = {plain_name(child.given_name), plain_name(f"{child.given_name} {child.family_name}")}
    return [one for one in invited if plain_name(one.external_name or "") in names]


def barred(*, meeting: Meeting, invitation: Invitation) -> str:
    """Why nothing may be handed to somebody now; empty when nothing stands against it."""
    policy = current_policy()
    role = policy.meetings.roles.get(invitation.role)
    return family_barred(meeting) if role is not None and role.family else ""


def family_barred(meeting: Meeting) -> str:
    """Why nothing may reach the family from a meeting now; empty when nothing stands against it."""
    return why_not_to_family(meeting_id=meeting.id)


def barred_on(case: Case) -> str:
    """Why nothing of a case may be handed to the family now; empty when nothing stands against it."""
    stands = select(Alert.id).filter_by(case_id=case.id, kind=NO_FAMILY_CONTACT, ended_at=None)
    if db.session.scalar(stands.limit(1)) is None:
        return ""
    label = current_policy().cases.alerts.label(NO_FAMILY_CONTACT)
    return (
        f"The alert “{label}” stands on this case: nothing is printed for the child, a parent or a carer. "
        "Speak to the owner of the alert, who can end it when it no longer holds"
    )


def _check_invited(meeting: Meeting, invitation: Invitation | None) -> None:
    if invitation is None:
        return
    if invitation.meeting_id != meeting.id or invitation.withdrawn_at is not None:
        raise NotFound("There is no such invitation to this meeting")
    if invitation.external_name is None:
        raise DomainError("They have an account: they read it in the portal")


def _check_issue(meeting: Meeting, invitation: Invitation | None, issue: MinutesIssue) -> None:
    """The child and family get their own version and nothing else; a draft goes to nobody by hand."""
    kind = MinutesKind(issue.kind)
    if issue.meeting_id != meeting.id or kind is MinutesKind.DRAFT:
        raise NotFound("There is no such version of these minutes")
    role = current_policy().meetings.roles.get(invitation.role if invitation else CHILD)
    if kind is MinutesKind.FAMILY_SAFE:
        if why := family_barred(meeting):
            raise DomainError(why, field="what")
    elif role is None or role.family:
        raise DomainError("The child, parents and carers get the version for the family", field="issue")


def _check(what: str, way: str, on: date) -> None:
    require_text(what, "Say what was handed over", field="what")
    if current_policy().meetings.handout_ways.get(way) is None:
        raise DomainError("Choose how it was handed over", field="way")
    if on > clock.today():
        raise DomainError("The day cannot be in the future", field="on")


def _keep(
    actor: Principal, handout: MeetingHandout, case: Case | None, invitation: Invitation | None
) -> MeetingHandout:
    if (known := _same(actor, handout)) is not None:
        return known
    insert_now(handout)
    audit.record(
        "meeting:hand_out",
        handout,
        case=case,
        invitation=str(invitation.id) if invitation else None,
        role=invitation.role if invitation else CHILD,
        way=handout.way,
    )
    return handout


def _same(actor: Principal, handout: MeetingHandout) -> MeetingHandout | None:
    """What the actor has put on record already: the same words to the same person on the same day."""
    of_day = clock.local(handout.handed_at).date()
    same = select(MeetingHandout).where(
        MeetingHandout.invitation_id.is_not_distinct_from(handout.invitation_id),
        MeetingHandout.case_id.is_not_distinct_from(handout.case_id),
        MeetingHandout.what == handout.what,
        MeetingHandout.way == handout.way,
        MeetingHandout.handed_by == actor.user_id,
    )
    return next(
        (one for one in db.session.scalars(same) if clock.local(one.handed_at).date() == of_day), None
    )


def add_walk_in(
    *, actor: Principal, meeting: Meeting, role: str, person: User | None = None, outside: str = ""
) -> Invitation:
    """Somebody who came without an invitation. With an account they see the meeting as the invited do, and
    the portal says so to them.

    Args:
        role: a code of policy `meetings.roles`; those `outside` are for people without an account.
        person: somebody with an account; they belong to its agency.
        outside: the name of somebody without one, who gets no e-mail from the portal.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: it is not its day yet, nobody is named, they are on the list already, the role is not one
            for them, or they would come to know a child whose case the actor does not read.
    """
    chairing.require_running(actor, meeting)
    chairing.refuse_before_its_day(meeting)
    if person is not None:
        chairing.require_reach_on_all(meeting)
    name = " ".join(outside.split())
    _check_walk_in(role, person, name)
    lock_row(meeting)  # a form that is sent twice takes its turn
    _refuse_known(meeting, person, name)
    now = clock.now()
    invitation = insert_with_reference(
        Invitation(
            id=new_id(),
            meeting_id=meeting.id,
            agency_id=person.agency_id if person else None,
            user_id=person.id if person else None,
            external_name=None if person else name,
            role=role,
            invited_by=actor.user_id,
            invited_at=now,
            reply=InvitationReply.COMING,
            replied_by=actor.user_id,
            replied_at=now,
            walk_in=True,
            attendance=Attendance.PRESENT,
        ),
        Prefix.INVITATION,
        "The invitation could not be given a reference. Try again",
    )
    audit.record(
        "meeting:walk_in", meeting, invitation=str(invitation.id), person=str(person.id) if person else None
    )
    came = {Ground.PERSON: to_people(person.id if person else None)}
    about = About("invitation", invitation.id, meeting.reference, only_case(meeting))
    tell(actor=actor, event=WALKED_IN, about=about, given=came, called={Ground.PERSON: "came"})
    return invitation


def _check_walk_in(role: str, person: User | None, name: str) -> None:
    if person is None and not name:
        raise DomainError("Say who came", field="email")
    if person is not None:
        check_can_be_named(person)
    rule = current_policy().meetings.roles.get(role)
    if rule is None or rule.code in {"chair", "note_taker"}:
        raise DomainError("Choose in which role they came", field="role")
    if rule.outside is (person is not None):
        who = "with an account" if person else "without an account"
        raise DomainError(f"Choose a role for somebody {who}", field="role")


def _refuse_known(meeting: Meeting, person: User | None, name: str) -> None:
    same = (
        or_(Invitation.user_id == person.id, Invitation.comes_id == person.id)
        if person
        else func.lower(Invitation.external_name) == name.lower()
    )
    known = select(Invitation.id).where(
        Invitation.meeting_id == meeting.id, Invitation.withdrawn_at.is_(None), same
    )
    if db.session.scalar(known.limit(1)) is not None:
        raise DomainError(
            "They are on the list already: mark them there", field="email" if person else "outside"
        )
