"""Who sees what of a meeting, and what people are told, from the words of the design.

A meeting and its agenda: full reach; an item on one child follows that child. Invited people without it:
their invitation, the headings, who the child is. To a sealed case only named people are invited.
A message: whom it tells; that it exists, their manager and coordinators too; what it is about, whoever has
full reach on that case, and of these two whoever sees the record itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row

from tests.access.oracle import moments, picture, planning

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]
SEALED = 2


def cases_of(who: Person, meeting_id: UUID) -> list[R]:
    return [
        who.truth.one("cre_case", covered.case_id)
        for covered in who.truth.where("meeting_case", "meeting_id", meeting_id)
    ]


def in_time(who: Person, meeting: R) -> bool:
    """Request reach ends some working days after the meeting."""
    return meeting.reach_until is None or bool(meeting.reach_until > who.truth.now)


def named(who: Person, invitation: R) -> bool:
    """Asked by name, as a member of the agency for which they were asked."""
    own_agency = invitation.agency_id is not None and invitation.agency_id == who.agency_id
    return who.sees_cases() and own_agency and bool(invitation.user_id == who.id)


def comes(who: Person, invitation: R) -> bool:
    """Coming as a deputy, or for a team; or of the team that is asked."""
    if not who.sees_cases() or invitation.agency_id is None:
        return False
    if invitation.comes_id == who.id and invitation.agency_id == who.agency_id:
        return True
    return invitation.user_id is None and invitation.team_id in who.teams


def all_sealed(who: Person, meeting_id: UUID) -> bool:
    covered = who.truth.where("meeting_case", "meeting_id", meeting_id)
    return bool(covered) and all(who.held(one.child_id) == SEALED for one in covered)


def holds(who: Person, invitation: R) -> bool:
    """The invitation is theirs and stands; where every child is sealed, only if it names them."""
    meeting = who.truth.one("meeting", invitation.meeting_id)
    if invitation.withdrawn_at is not None or not in_time(who, meeting):
        return False
    return named(who, invitation) or (comes(who, invitation) and not all_sealed(who, meeting.id))


def held(who: Person, meeting_id: UUID) -> list[R]:
    """The person's invitations to a meeting."""
    return [i for i in who.truth.where("invitation", "meeting_id", meeting_id) if holds(who, i)]


def runs(who: Person, meeting_id: UUID) -> bool:
    """Knows of the meeting as a whole: who comes, what changed and why.

    Full reach on one of its cases; where it covers a sealed case, on a sealed one. Of a district's meeting:
    coordinators, whoever called it, and the chair and note-taker whom an invitation names.
    """
    cases = cases_of(who, meeting_id)
    if cases:
        sealed = any(case.sensitivity == SEALED for case in cases)
        return any(who.full(case.id) and (case.sensitivity == SEALED or not sealed) for case in cases)
    if not who.sees_cases():
        return False
    meeting = who.truth.one("meeting", meeting_id)
    if who.is_coordinator and meeting.district is not None:
        return True
    if meeting.called_by == who.id and meeting.called_agency_id == who.agency_id:
        return True
    return who.id in (meeting.chair_id, meeting.note_taker_id) and any(
        named(who, i) for i in held(who, meeting_id)
    )


def reaches_one_case(who: Person, meeting_id: UUID) -> bool:
    return any(who.full(case.id) for case in cases_of(who, meeting_id))


def sees(who: Person, meeting_id: UUID) -> bool:
    """That the meeting takes place, when and where."""
    return reaches_one_case(who, meeting_id) or runs(who, meeting_id) or bool(held(who, meeting_id))


def invited_for(who: Person, covered: R) -> bool:
    """Invited to talk about a child: a sealed one only by name; until the meeting is cancelled."""
    if who.truth.one("meeting", covered.meeting_id).state == "cancelled":
        return False
    return any(
        named(who, invitation) or who.held(covered.child_id) < SEALED
        for invitation in held(who, covered.meeting_id)
    )


def child_of(who: Person, covered: R) -> bool:
    return who.full(covered.case_id) or invited_for(who, covered)


def heading(who: Person, item: R) -> bool:
    meeting = who.truth.one("meeting", item.meeting_id)
    if not sees(who, meeting.id) or (meeting.state == "cancelled" and not runs(who, meeting.id)):
        return False
    return item.case_id is None or any(
        covered.case_id == item.case_id and child_of(who, covered)
        for covered in who.truth.where("meeting_case", "meeting_id", meeting.id)
    )


def told(who: Person, message: R) -> bool:
    """Whom a message tells: a person, while of the agency where they were told; or everybody of a team.

    The hub's teams are coordinators, whose role gives them no reach by team.
    """
    if who.user is None:
        return False
    own = message.recipient_id == who.id and message.agency_id == who.agency_id
    return own or message.recipient_team_id in who.teams or _told_at_the_hub(who, message)


def _told_at_the_hub(who: Person, message: R) -> bool:
    return (
        who.is_coordinator
        and message.recipient_team_id is not None
        and who.truth.one("team", message.recipient_team_id).agency_id == who.agency_id
        and any(
            member.team_id == message.recipient_team_id
            for member in who.truth.where("team_member", "user_id", who.id)
        )
    )


def message(who: Person, row: R) -> bool:
    """Watching over messages shows that one exists: to coordinators, and managers for their own people; but
    for those that they have caused on a ground that they may not know of.
    """
    manages = who.user is not None and who.has("manager") and row.agency_id == who.agency_id
    own = row.key.startswith("unseen.") and who.user is not None and row.caused_by == who.id
    return told(who, row) or ((who.is_coordinator or manages) and not own)


def subject(who: Person, row: R) -> bool:
    """What a message is about: whom it tells, full reach on its case; a watcher who sees the record."""
    of = who.truth.one("outbox_message", row.message_id)
    if told(who, of) or who.full(row.case_id):
        return True
    watches = who.user is not None and (who.is_coordinator or who.has("manager")) and message(who, of)
    return watches and record(who, row.subject_kind, row.subject_id)


def on_child_or_whole(who: Person, row: R) -> bool:
    """What is on one child follows it; what is on the whole meeting is for whoever knows of the whole."""
    return runs(who, row.meeting_id) if row.case_id is None else who.full(row.case_id)


def minutes(who: Person, row: R) -> bool:
    """Minutes that went out: full reach on what they are on, or a copy."""
    copies = who.truth.where("minutes_copy", "issue_id", row.id)
    return on_child_or_whole(who, row) or any(given(who, copy) for copy in copies)


def given(who: Person, copy: R) -> bool:
    """A version that was given to somebody invited: of a sealed child only to whom it was given by name."""
    if copy.invitation_id is None or copy.reach_until <= who.truth.now:
        return False
    invitation = who.truth.one("invitation", copy.invitation_id)
    if invitation.withdrawn_at is not None:
        return False
    issue = who.truth.one("minutes_issue", copy.issue_id)
    whole = who.truth.where("meeting_case", "meeting_id", issue.meeting_id)
    on = [issue.case_id] if issue.case_id is not None else [one.case_id for one in whole]
    sealed = any(who.truth.one("cre_case", case_id).sensitivity == SEALED for case_id in on)
    return named(who, invitation) or (comes(who, invitation) and not sealed)


def record(who: Person, kind: str, identifier: UUID) -> bool:
    """A record by its own rule; nobody sees one that is none."""
    if not who.truth.where(kind, "id", identifier):
        return False
    if kind == "invitation":
        found = who.truth.one("invitation", identifier)
        return runs(who, found.meeting_id) or holds(who, found)
    if kind == "action":
        return planning.action(who, who.truth.one("action", identifier))
    if kind == "minutes_issue":
        return minutes(who, who.truth.one("minutes_issue", identifier))
    rule: dict[str, Callable[[UUID], bool]] = {
        "referral": who.referral,
        "disclosure": who.disclosure,
        "information_request": who.request,
        "meeting": lambda one: sees(who, one),
        "missing_episode": lambda one: picture.episode(who, who.truth.one(kind, one)),
        "missing_match": lambda one: picture.match(who, who.truth.one(kind, one)),
        "missing_prompt": lambda one: picture.prompt(who, who.truth.one(kind, one)),
        "return_interview": lambda one: picture.interview(who, who.truth.one(kind, one)),
        "concern": lambda one: picture.concern(who, who.truth.one(kind, one)),
        "panel_item": who.panel_item,
        "directory_entry": lambda _one: who.user is not None,
    }
    return kind in rule and rule[kind](identifier)


def untold(who: Person, row: R) -> bool:
    """Whoever told; coordinators, of what hangs on no case or on one that they know of."""
    if who.user is None:
        return False
    return row.caused_by == who.id or (
        who.is_coordinator and (row.case_id is None or who.reach(row.case_id) > 0)
    )


def news(who: Person, row: R) -> bool:
    """Whoever has full reach on the case; of an entry whoever reads that, too."""
    if row.subject_kind != "chronology_entry":
        return who.full(row.case_id)
    return who.full(row.case_id) and moments.entry(who, row.subject_id)


def suspension(who: Person, row: R) -> bool:
    if who.user is None:
        return False
    manages = who.has("manager") and row.agency_id == who.agency_id
    return row.user_id == who.id or manages or who.is_coordinator or who.has("administrator")


def asked_access(who: Person, row: R) -> bool:
    own = who.user is not None and row.asked_by == who.id and row.asked_agency_id == who.agency_id
    return own or who.full(row.case_id)


def copy(who: Person, row: R) -> bool:
    """Whoever took it, the managers of their agency, governance, coordinators who read the case."""
    took = who.user is not None and row.taken_by == who.id and row.taken_agency_id == who.agency_id
    runs = who.manages_agency(row.taken_agency_id) or who.has("governance")
    return took or runs or (who.is_coordinator and who.full(row.case_id))


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table of meetings, messages, absences and copies that were taken."""

    def whole(row: R) -> bool:
        return runs(who, row.meeting_id)

    def colleague(row: R) -> bool:
        return who.user is not None and who.truth.one("app_user", row.user_id).agency_id == who.agency_id

    return {
        "meeting": lambda row: sees(who, row.id),
        "meeting_case": lambda row: child_of(who, row),
        "meeting_change": whole,
        "invitation": lambda row: whole(row) or holds(who, row),
        "agenda_item": lambda row: heading(who, row),
        "meeting_paper": lambda row: whole(row) if row.case_id is None else who.full(row.case_id),
        "meeting_handout": lambda row: whole(row) and (row.case_id is None or who.full(row.case_id)),
        "outbox_message": lambda row: message(who, row),
        "outbox_subject": lambda row: subject(who, row),
        "untold": lambda row: untold(who, row),
        "case_news": lambda row: news(who, row),
        "case_looked": lambda row: who.user is not None and row.user_id == who.id,
        **dict.fromkeys(
            ("message_preference", "person_setting"),
            lambda row: who.user is not None and row.user_id == who.id,
        ),
        "absence": colleague,
        "absence_cover": lambda row: (
            (who.user is not None and row.deputy_id == who.id) or who.full(row.case_id)
        ),
        "address_suspension": lambda row: suspension(who, row),
        "access_request": lambda row: asked_access(who, row),
        "taken_copy": lambda row: copy(who, row),
    }
