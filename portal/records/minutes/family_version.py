"""The minutes for the child and family: passages chosen one by one, each confirmed by the chair, then frozen.

Nothing goes in that nobody chose and the chair did not confirm as it stands. While an alert says not to
contact the family it is neither confirmed nor made, handed out or printed.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from portal import clock
from portal.access import audit
from portal.access.permissions import Forbidden
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found
from portal.changes.versions import insert_now
from portal.extensions import db
from portal.messages.life import mark_read_about
from portal.messages.telling import About, Outsider, outside, tell, to_people
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.records.by_hand.facts import close_moot, owed_of_meeting
from portal.records.by_hand.rules import NEWER
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.meetings.chairing import runs
from portal.records.meetings.external_copies import CHILD, children_invited, end_for_outside, family_barred
from portal.records.meetings.model import Meeting
from portal.records.meetings.telling import leads_of
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.copies import about_issue, last_issue
from portal.records.minutes.issues import new_issue
from portal.records.minutes.model import FamilyPassage, MinutesIssue
from portal.records.minutes.reading.issues import Chosen, Passage, Place, chosen, family_waits, offered
from portal.records.minutes.vocabulary import FAMILY_CHOSEN, FAMILY_VERSION, MinutesKind
from portal.records.minutes.writing import require_minutes, require_state

_CHOOSING = (MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED, MeetingState.DISTRIBUTED)
#: The kind of message by which the chair hears that passages wait.
CHOSEN_KIND = "family_chosen"
_APPROVED = (MeetingState.APPROVED, MeetingState.DISTRIBUTED)


def choose(*, actor: Principal, meeting: Meeting, case_id: UUID, places: Collection[Place]) -> None:
    """Make what is chosen for a child equal to `places`: what is new is kept as it stands now, what is left
    out is taken out. A passage that has changed since is chosen anew, and waits for the chair again.

    Raises:
        Forbidden: the actor neither chairs the meeting nor takes its notes.
        NotFound: the meeting is not on this case.
        DomainError: a passage is not there, or its source is not for the family.
    """
    _own_case(actor, "family:choose", meeting, case_id)
    require_state(meeting, *_CHOOSING)
    now = offered(meeting=meeting, case_id=case_id)
    stands = {one.place: one for one in now}
    for place in places:
        _may_choose(stands.get(place))
    kept = chosen(meeting=meeting, case_id=case_id, now=now)
    standing = {one.place for one in kept if not one.lapsed and one.place in places}
    waited = any(not one.confirmed for one in kept if one.place in standing)
    for one in kept:
        if one.place not in standing:
            _take_out(one)
    new = [place for place in places if place not in standing]
    for place in new:
        _keep(actor, meeting, case_id, stands[place])
    if new and not waited:
        _ask_chair(actor, meeting, case_id)


def _ask_chair(actor: Principal, meeting: Meeting, case_id: UUID) -> None:
    """The chair hears that passages wait for them; not again while some of those before them wait."""
    about = About("meeting", meeting.id, meeting.reference, case_id)
    given = {Ground.CHAIR: to_people(meeting.chair_id)}
    once = f"{case_id}:{clock.now().isoformat()}"
    called = {Ground.CHAIR: "chairs the meeting, and confirms each passage"}
    tell(actor=actor, event=FAMILY_CHOSEN, about=about, given=given, once=once, called=called)


def confirm(*, actor: Principal, meeting: Meeting, case_id: UUID, passage_ids: Collection[UUID]) -> None:
    """The chair confirms passages that they read in the preview, each as it stands.

    Raises:
        Forbidden: the actor does not chair the meeting.
        NotFound: a passage is not chosen for this child, or was taken out.
        DomainError: an alert stands against it, or a passage has changed since it was chosen.
    """
    _own_case(actor, "family:confirm", meeting, case_id)
    require_state(meeting, *_CHOOSING)
    refuse_while_barred(meeting)
    if not passage_ids:
        raise DomainError("Tick each passage that the child and family may have", field="passages")
    known = {one.id: one for one in chosen(meeting=meeting, case_id=case_id)}
    for passage_id in sorted(passage_ids):
        one = or_not_found(known.get(passage_id), "There is no such passage")
        if one.lapsed:
            raise DomainError("A passage has changed since it was chosen. Choose it again", field="passages")
        if one.confirmed:
            continue
        row = db.session.get_one(FamilyPassage, passage_id)
        row.confirmed_by, row.confirmed_at = actor.user_id, clock.now()
        db.session.flush()
        _record("family:confirm", row)
    if not family_waits(meeting_id=meeting.id):
        mark_read_about(actor=actor, kind=CHOSEN_KIND, subject_kind="meeting", subject_id=meeting.id)


def make(*, actor: Principal, meeting: Meeting, case: Case) -> MinutesIssue:
    """Freeze the version for the child and family: the confirmed passages and nothing else. The same passages
    again are the version that there is.

    Raises:
        Forbidden: the actor does not chair the meeting.
        DomainError: an alert stands against it; the minutes are not approved; nothing is chosen, or something
            that is chosen is not confirmed.
    """
    _own_case(actor, "family:confirm", meeting, case.id)
    require_state(meeting, *_APPROVED)
    refuse_while_barred(meeting)
    found = [one for one in chosen(meeting=meeting, case_id=case.id) if not one.lapsed]
    if not found:
        raise DomainError("Nothing is chosen for the child and family")
    if not all(one.confirmed for one in found):
        raise DomainError("Confirm each passage first, or take it out", field="passages")
    content = family_content(meeting=meeting, case=case, passages=found)
    last = last_issue(meeting=meeting, case_id=case.id, kind=MinutesKind.FAMILY_SAFE)
    if last is not None and last.content == content:
        return last
    made = new_issue(actor, meeting, MinutesKind.FAMILY_SAFE, case.id, content)
    lead = {Ground.LEAD_PROFESSIONAL: leads_of(meeting, case)}
    for told in owed_of_meeting(meeting_id=meeting.id, kind=made.__tablename__):
        if told.case_id == case.id:
            close_moot(actor=actor, told=told, reason=NEWER)
    invited = children_invited(meeting=meeting, case_id=case.id)
    end_for_outside(actor=actor, meeting=meeting, invited=invited, reason=NEWER)
    # Whoever leads the case hands it to the child, which is owed until then; where a team does, the actor.
    teller = next(iter(sorted(lead[Ground.LEAD_PROFESSIONAL].people)), None)
    role = current_policy().meetings.roles.label(CHILD)
    name = f"{content['name']}, {role[:1].lower()}{role[1:]}"
    child = Outsider(name, meeting_id=meeting.id, on_case=True, teller=teller)
    given = lead | {Ground.OUTSIDE: outside(child)}
    tell(actor=actor, event=FAMILY_VERSION, about=about_issue(made), given=given)
    return made


def family_content(*, meeting: Meeting, case: Case, passages: Sequence[Chosen]) -> dict[str, Any]:
    """Exactly what the child and family would read."""
    child = db.session.get_one(Child, case.child_id)
    return {
        "shape": 1,
        "name": child.given_name,
        "met_on": clock.local(meeting.starts_at).date().isoformat(),
        "parts": {
            kind: [one.text for one in passages if one.place.source_kind == kind]
            for kind in ("minute", "decision", "action")
        },
    }


def refuse_while_barred(meeting: Meeting) -> None:
    """Go on only while nothing is said against contact with the family.

    Raises:
        DomainError: an alert on a case of the meeting says not to contact them.
    """
    if why := family_barred(meeting):
        raise DomainError(why)


def require_handing(meeting: Meeting) -> None:
    """Go on only for somebody who knows of the whole meeting: they alone can be told what stands against it.

    Raises:
        Forbidden: they read a child of it and no more.
    """
    if not runs(meeting):
        raise Forbidden("This meeting is also on a case that you do not reach. Ask its chair for this.")


def _own_case(actor: Principal, verb: str, meeting: Meeting, case_id: UUID) -> None:
    if case_id not in require_minutes(actor, verb, meeting):
        raise NotFound("The meeting is not on this case")


def _may_choose(passage: Passage | None) -> None:
    if passage is None:
        raise DomainError("A passage has changed. Look at the list again", field="passages")
    if passage.refused:
        raise DomainError(f"{passage.refused}: “{passage.text[:60]}”", field="passages")


def _take_out(one: Chosen) -> None:
    row = db.session.get_one(FamilyPassage, one.id)
    row.removed_at = clock.now()
    db.session.flush()
    _record("family:take_out", row)


def _keep(actor: Principal, meeting: Meeting, case_id: UUID, passage: Passage) -> None:
    row = FamilyPassage(
        meeting_id=meeting.id,
        case_id=case_id,
        source_kind=passage.place.source_kind,
        source_id=passage.place.source_id,
        position=passage.place.position,
        text=passage.text,
        chosen_by=actor.user_id,
        chosen_at=clock.now(),
    )
    insert_now(row)
    _record("family:choose", row)


def _record(action: str, row: FamilyPassage) -> None:
    audit.record(action, row, case_id=row.case_id, meeting=str(row.meeting_id), source=row.source_kind)
