"""What comes before the panel of a district: proposed by whoever works on it, put on by whoever runs it.

Nothing sealed comes before a panel. What is restricted, and a person of concern, comes by the recorded word
of whoever leads it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import any_, func, literal, select, text

from portal import clock
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.idempotency import sent_before
from portal.changes.versions import count_change, insert_now, lock_row
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.calendar import add_working_days, end_of_day
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import check_transition
from portal.policy import current_policy
from portal.records.cases.facts import refuse_closed
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.meetings.chairing import RECORDED_STATES
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.copies import invitations_with_accounts
from portal.records.panels.model import PanelItem, PanelSummary
from portal.records.panels.papers import are_out, tell_invited
from portal.records.panels.policy import Panels
from portal.records.panels.records import (
    UNSEEN,
    about_item,
    hear_of,
    held_back,
    held_fast,
    panel_facts,
    record,
    require_not_over,
    require_panel,
)
from portal.records.panels.rules import summary_due
from portal.records.panels.vocabulary import (
    DECLINED,
    ITEM_PROPOSED,
    PROPOSAL_GONE,
    PROPOSED,
    PUT_ON,
    TAKEN_OFF,
    WORD_ASKED,
    WORD_GIVEN,
    PanelItemKind,
    PanelItemState,
)
from portal.records.people.model import Agency, User
from portal.vocabulary import Role, Sector, Sensitivity

SEALED = "This does not come before a panel. Speak to the lead professional"
WAITS_FOR_WORD = "This is closely held: whoever leads it gives their word first"

#: What a page says of chair and note-taker: a panel is no meeting on the case.
_PREPARES = {Ground.CHAIR: "prepares the panel"}
#: While it is to be decided on; who of them may see it the proposer does not learn.
_DECIDES = {Ground.CHAIR: "prepares the panel; on what they may not see a coordinator decides"}

#: States in which an item still waits or stands on an agenda.
_STANDING = (PanelItemState.PROPOSED, PanelItemState.ON)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is to come before a panel: a case, a child without one, or a concern.

    Args:
        plan: of a case, that it is about its plan, which does not work.
        missing: of a case, that it is about the child going missing.
    """

    case: Case | None = None
    child: Child | None = None
    concern: Concern | None = None
    plan: bool = False
    missing: bool = False

    @property
    def kind(self) -> PanelItemKind:
        """The kind of item that it becomes."""
        if self.concern:
            return PanelItemKind.CONCERN
        if self.case is None or self.missing:
            return PanelItemKind.CHILD
        return PanelItemKind.PLAN if self.plan else PanelItemKind.CASE

    @property
    def child_id(self) -> UUID | None:
        """The child whom it is about."""
        return self.case.child_id if self.case else self.child.id if self.child else None

    @property
    def key(self) -> str:
        """The same for the same thing."""
        one = self.case or self.child or self.concern
        return str(one.id if one else "")


def propose(
    *, actor: Principal, subject: Subject, district: str | None, why: str, once: UUID | None = None
) -> PanelItem:
    """Propose a child or a concern for the next panel of a district.

    Args:
        district: by default that of the case or concern.
        once: made when the page was made, so that sending it twice proposes it once.

    Raises:
        Forbidden: the actor may not.
        DomainError: no district or reason, it waits already, the case is closed, or it is sealed.
    """
    require(actor, "panel:propose")
    own = (subject.case and subject.case.district) or (subject.concern and subject.concern.district)
    where = district or own
    if where not in current_policy().areas.districts or where is None:
        raise DomainError("Choose the district whose panel it is for", field="district")
    why = require_text(why, "Say why it should come before the panel", field="why")
    if subject.case:
        refuse_closed(subject.case)
    item_id = uuid5(once, f"{actor.user_id}:{subject.key}") if once else new_id()
    if (before := sent_before(actor, PanelItem, item_id)) is not None:
        return before
    if (waiting := standing(subject=subject)) is not None:
        raise DomainError(f"It is {PanelItemState(waiting.state).label.lower()} already: {waiting.reference}")
    held = held_back(child_id=subject.child_id, concern_id=subject.concern.id if subject.concern else None)
    if held == "sealed":
        raise DomainError(SEALED)
    item = PanelItem(
        id=item_id,
        reference=new_reference(Prefix.PANEL_ITEM),
        district=where,
        kind=subject.kind,
        case_id=subject.case.id if subject.case else None,
        child_id=subject.child_id,
        concern_id=subject.concern.id if subject.concern else None,
        why=why,
        proposed_by=actor.user_id,
        proposed_agency_id=actor.agency_id,
        proposed_at=clock.now(),
        state=PanelItemState.PROPOSED,
        policy_version=current_policy().version,
    )
    insert_now(item)
    record("panel:propose", item)
    _tell_of_proposal(actor, item, needs_word=held == "word")
    return item


def _tell_of_proposal(actor: Principal, item: PanelItem, *, needs_word: bool) -> None:
    """Whoever prepares the next panel of the district; the hub, where nobody there is sure to see it; and
    whoever leads what it is about.
    """
    who = _who_prepares(item)
    about = About("meeting", who[0].meeting_id, who[0].reference) if who else about_item(item)
    given, once = _deciding(row.user_id for row in who), str(item.id)
    tell(actor=actor, event=PROPOSED, about=about, given=given, once=once, called=_DECIDES)
    if not needs_word:
        tell(actor=actor, event=ITEM_PROPOSED, about=about_item(item), given=hear_of(item.id), unseen=UNSEEN)
        return
    asked = text("select user_id, team_id from ctx.asked_for_word(:item)")
    found = db.session.execute(asked, {"item": item.id}).all()
    lead = to_people(*(row.user_id for row in found)) | to_teams(*(row.team_id for row in found))
    begins = who[0].starts_at if who else None
    held = select(Case.id).filter_by(child_id=item.child_id, sensitivity=Sensitivity.RESTRICTED).limit(1)
    is_hidden = item.child_id is not None and db.session.scalar(held) is None
    tell(
        actor=actor,
        event=WORD_ASKED,
        about=about_item(item),
        given={Ground.ASKED: lead},
        before=begins,
        # Of a case that the proposer does not read they do not learn whether somebody is there to be asked.
        nobody_at={Ground.ASKED: ()} if is_hidden else None,
        unseen=UNSEEN,
    )


def ask_word_if_held(*, actor: Principal, case: Case, before: Sensitivity, to: Sensitivity) -> None:
    """A case is about to be held as restricted: what was proposed on its child, or stands on the agenda of a
    panel, waits for the word of whoever leads the case. They are asked, also where they hold it themselves.
    """
    if not before < to is Sensitivity.RESTRICTED:
        return
    waits = select(PanelItem).filter_by(child_id=case.child_id, word_at=None)
    for item in db.session.scalars(waits.where(PanelItem.state.in_(_STANDING)).order_by(PanelItem.id)):
        panel = db.session.get(Meeting, item.meeting_id) if item.meeting_id else None
        if panel is None or MeetingState(panel.state) in RECORDED_STATES:
            tell(
                actor=actor,
                event=WORD_ASKED,
                about=about_item(item),
                given={Ground.ASKED: to_people(case.lead_professional_id), Ground.LEAD_UNSEEN: NOBODY},
                once=f"held:{case.version}",
                acknowledges=True,
                before=panel.starts_at if panel else None,
            )


def _who_prepares(item: PanelItem) -> Sequence[Any]:
    """Chair and note-taker of the next panel of the district, where one is called."""
    panel = text("select * from ctx.prepares_panel_for(:item, :kind)")
    kind = current_policy().of(Panels).kind
    return db.session.execute(panel, {"item": item.id, "kind": kind}).all()


def _deciding(prepare: Iterable[UUID | None]) -> dict[Ground, Whom]:
    """Whoever prepares a panel; and the hub unless a coordinator is among them: they may not see what is
    proposed for it, and then cannot decide on it.
    """
    preparing = [one for one in prepare if one is not None]
    is_coordinator = literal(Role.COORDINATOR.value) == any_(User.roles)
    coordinators = select(User.id).where(User.id.in_(preparing), User.active, is_coordinator)
    sees_all = preparing and db.session.scalar(coordinators.limit(1)) is not None
    return {Ground.CHAIR: to_people(*preparing)} | ({Ground.HUB: NOBODY} if sees_all else {})


def _tell_that_it_is_gone(actor: Principal, item: PanelItem, meeting: Meeting | None) -> None:
    """Whoever prepares the panel, and heard of the proposal: as then, not of whom it was. Where no panel is
    called, the hub.
    """
    if meeting is not None:
        about = About("meeting", meeting.id, meeting.reference)
        given = _deciding((meeting.chair_id, meeting.note_taker_id))
    elif who := _who_prepares(item):
        about = About("meeting", who[0].meeting_id, who[0].reference)
        given = _deciding(row.user_id for row in who)
    else:
        about, given = about_item(item), _deciding(())
    but, once = [item.proposed_by], str(item.id)  # who proposed it hears of it as that
    tell(actor=actor, event=PROPOSAL_GONE, about=about, given=given, once=once, called=_PREPARES, but=but)


def standing(*, subject: Subject) -> PanelItem | None:
    """The item on the same child or concern that waits, or stands on an agenda that is not over."""
    found = select(PanelItem).where(PanelItem.state.in_(_STANDING))
    if subject.concern:
        found = found.where(PanelItem.concern_id == subject.concern.id)
    else:
        found = found.where(PanelItem.child_id == subject.child_id)
    rows = db.session.scalars(found.order_by(PanelItem.proposed_at)).all()
    over = select(Meeting.id).where(
        Meeting.id.in_([row.meeting_id for row in rows if row.meeting_id]),
        Meeting.state.in_(("approved", "distributed", "cancelled")),
    )
    gone = set(db.session.scalars(over)) if rows else set()
    return next((row for row in rows if row.meeting_id not in gone), None)


def give_word(*, actor: Principal, item: PanelItem, word: str) -> None:
    """Whoever leads what is closely held agrees, once and in words, that it comes before the panel.

    Raises:
        Forbidden: it is not theirs to give.
        DomainError: there are no words, it was given already or is not needed.
    """
    gives = bool(db.session.scalar(select(func.ctx.gives_word(item.child_id, item.concern_id))))
    require(actor, "panel:give_word", Facts(lead_professional=gives))
    word = require_text(word, "Say what you agree to", field="word")
    held_fast(item)
    if item.word_at is not None:
        raise DomainError("The word is given already")
    item.word, item.word_by, item.word_at = word, actor.user_id, clock.now()
    count_change(item)
    record("panel:give_word", item)
    tell(actor=actor, event=WORD_GIVEN, about=about_item(item), given=hear_of(item.id), once="word")


def put_on(*, actor: Principal, meeting: Meeting, item: PanelItem) -> None:
    """Put an item that was proposed on the agenda of a panel. Its summary is due when the papers go out.

    Raises:
        Forbidden: the actor does not run the panel.
        DomainError: the panel is over or another district’s, the item is not proposed, it is sealed, or the
            word of whoever leads it is missing.
    """
    require_panel(meeting)
    require(actor, "panel:prepare", panel_facts(actor, meeting))
    require_not_over(meeting)
    lock_row(meeting)  # two who put something on take turns
    held_fast(item)
    if item.meeting_id == meeting.id and item.state == PanelItemState.ON:
        return  # a form that was sent twice
    if item.district != meeting.district:
        raise DomainError("This is for the panel of another district")
    if item.state != PanelItemState.PROPOSED:
        raise DomainError(f"This item is: {PanelItemState(item.state).label.lower()}")
    held = held_back(child_id=item.child_id, concern_id=item.concern_id)
    if held == "sealed":
        raise DomainError(SEALED)
    if held == "word" and item.word_at is None:
        raise DomainError(WAITS_FOR_WORD)
    check_transition(PanelItemState(item.state), PanelItemState.ON)
    place = db.session.scalar(select(func.ctx.next_place(meeting.id)))
    item.state, item.meeting_id, item.place = PanelItemState.ON, meeting.id, place
    item.decided_by, item.decided_at = actor.user_id, clock.now()
    count_change(item)
    record("panel:put_on", item, meeting=str(meeting.id))
    owe_summary(actor=actor, meeting=meeting, item=item)
    once = str(meeting.id)
    tell(actor=actor, event=PUT_ON, about=about_item(item), given=hear_of(item.id), once=once, unseen=UNSEEN)


def decline(*, actor: Principal, item: PanelItem, meeting: Meeting | None, reason: str) -> None:
    """Do not take an item, or take it off an agenda while nothing was said on it: members lose its summary.

    Args:
        meeting: the panel that it is on, or one of its district that the actor runs.

    Raises:
        Forbidden: the actor runs no panel of the district.
        DomainError: no reason, or it was discussed or declined.
    """
    require(actor, "panel:prepare", panel_facts(actor, meeting))
    reason = require_text(reason, "Say why it does not come before the panel", field="reason")
    held_fast(item)
    if item.state not in _STANDING:
        raise DomainError(f"This item is: {PanelItemState(item.state).label.lower()}")
    if meeting is not None and item.meeting_id == meeting.id:
        require_not_over(meeting)
    check_transition(PanelItemState(item.state), PanelItemState.DECLINED)
    item.state = PanelItemState.DECLINED
    item.decided_by, item.decided_at, item.decided_reason = actor.user_id, clock.now(), reason
    count_change(item)
    record("panel:decline", item)
    heard, once = hear_of(item.id), "declined"
    tell(actor=actor, event=DECLINED, about=about_item(item), given=heard, once=once, unseen=UNSEEN)
    if meeting is not None and item.meeting_id == meeting.id and are_out(meeting=meeting):
        tell_invited(
            actor=actor,
            event=TAKEN_OFF,
            meeting=meeting,
            invited=invitations_with_accounts(meeting),
            once=str(item.id),
        )
    else:
        _tell_that_it_is_gone(actor, item, meeting)


def owe_summary(*, actor: Principal, meeting: Meeting, item: PanelItem) -> None:
    """A coordinator owes that the summary of an item is read before the papers go out, unless it is."""
    if latest_is_read(item=item):
        return
    hub = select(Agency.id).where(Agency.sector == Sector.HUB, Agency.active).order_by(Agency.id).limit(1)
    mine = actor.is_coordinator
    owner = Owner(user_id=actor.user_id) if mine else Owner(agency_id=db.session.scalar(hub))
    before = current_policy().of(Panels).papers_before
    open_deadline(
        kind=DeadlineKind.PANEL_SUMMARY,
        subject=item,
        owner=owner,
        due_at=summary_due(meeting.starts_at, before, clock.today()),
        source="panels.papers_before",
        confirmed=before.confirmed,
    )


def owe_again(*, actor: Principal, meeting: Meeting | None, item: PanelItem) -> None:
    """A summary was written: it is owed once that it is read. Its writer may see neither that duty nor the
    panel; then it is owed by the next working day.
    """
    policy = current_policy()
    before, today = policy.of(Panels).papers_before, clock.today()
    due_at = end_of_day(add_working_days(today, 1))
    if meeting is not None:
        due_at = summary_due(meeting.starts_at, before, today)
    said = (due_at, "panels.papers_before", before.confirmed, policy.version)
    db.session.execute(select(func.ctx.owe_panel_summary(item.id, actor.is_coordinator, *said)))


def latest_is_read(*, item: PanelItem) -> bool:
    """Whether a coordinator has read the newest summary of an item."""
    wanted = select(PanelSummary.read_at).filter_by(item_id=item.id)
    newest = wanted.order_by(PanelSummary.number.desc()).limit(1)
    return db.session.scalar(newest) is not None
