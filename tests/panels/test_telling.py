"""Who hears of what comes before a panel, of its papers and of what it decides."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages import choices
from portal.messages.model import CaseNews, OutboxMessage, OutboxSubject, Untold
from portal.messages.told import HIDDEN
from portal.policy.telling import SendingHours
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Meeting
from portal.records.panels.model import PanelDecision, PanelItem, PanelSummary
from portal.records.panels.papers import call_next, send_papers, share
from portal.records.panels.proposals import Subject, decline, give_word, propose, put_on
from portal.records.panels.records import decide, take_back
from portal.records.panels.summaries import give_back, release, write_summary
from portal.records.people.model import Agency, User
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.children import tell
from tests.factories.meetings import make_invitation
from tests.factories.missing import make_episode
from tests.panels.scene import DISTRICT, PanelScene, make_panel_scene, make_place
from tests.told import heard, page_words

Acting = Callable[[User], AbstractContextManager[Principal]]

MEMBERS = {
    "council_team mail panel_papers",
    "community_safety portal panel_papers",
    "nurse mail panel_papers",
}
RUN = {"chair mail panel_papers", "teacher mail panel_papers"}


@pytest.fixture
def scene(rows: Session, cast: Cast) -> PanelScene:
    return make_panel_scene(rows, cast)


@pytest.fixture
def at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """E-mails that are not urgent go out in twelve hours."""

    def goes_out(_hours: SendingHours, moment: datetime, *, urgent: bool) -> datetime:
        return moment if urgent else moment + timedelta(hours=12)

    monkeypatch.setattr(choices, "goes_out", goes_out)


def proposes(acting: Acting, who: User, scene: PanelScene) -> UUID:
    with acting(who) as actor:
        case = db.session.get_one(Case, scene.case.id)
        return propose(actor=actor, subject=Subject(case=case), district=None, why="The plan fails").id


def goes_on(acting: Acting, cast: Cast, scene: PanelScene, item: UUID) -> None:
    with acting(cast.coordinator) as actor:
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        put_on(actor=actor, meeting=meeting, item=db.session.get_one(PanelItem, item))


def is_summed_up(acting: Acting, cast: Cast, scene: PanelScene, item: UUID, seen: int = 0) -> None:
    """The officer writes a summary, and a coordinator has read it."""
    with acting(cast.officer) as actor:
        write_summary(
            actor=actor,
            item=db.session.get_one(PanelItem, item),
            about="plan",
            heading="A child of 14",
            text=f"The plan fails, {seen}",
            asks="Agree a new one",
            seen=seen,
        )
    with acting(cast.coordinator) as actor:
        summary = db.session.scalars(select(PanelSummary).filter_by(item_id=item, number=seen + 1)).one()
        release(
            actor=actor,
            item=db.session.get_one(PanelItem, item),
            summary=summary,
            meeting=db.session.get_one(Meeting, scene.meeting.id),
        )


def papers_go_out(acting: Acting, cast: Cast, scene: PanelScene, item: UUID) -> None:
    is_summed_up(acting, cast, scene, item)
    with acting(cast.coordinator) as actor:
        send_papers(actor=actor, meeting=db.session.get_one(Meeting, scene.meeting.id))


def test_whoever_prepares_the_panel_hears_of_a_proposal_and_not_of_whom(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        subject = Subject(case=db.session.get_one(Case, scene.case.id))
        propose(actor=actor, subject=subject, district=None, why="The plan fails")
        assert "(prepares the panel; on what they may not see a coordinator decides)" in page_words()
    assert heard(rows, cast, "panel_proposed") == {
        "chair portal panel_proposed",
        "teacher portal panel_proposed",
        "second_coordinator portal panel_proposed",
    }, "neither chair nor note-taker reads the case: who can decide hears of it"
    about = rows.scalars(select(OutboxSubject).filter_by(reference=scene.meeting.reference)).all()
    assert {(one.subject_kind, one.case_id) for one in about} == {("meeting", None)}
    assert heard(rows, cast, "panel_item_proposed") == {"officer portal panel_news"}


def test_where_a_coordinator_prepares_the_panel_the_rest_of_the_hub_hears_nothing(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    scene.meeting.note_taker_id = cast.coordinator.id
    rows.commit()
    proposes(acting, cast.officer, scene)
    assert heard(rows, cast, "panel_proposed") == {
        "chair portal panel_proposed",
        "coordinator portal panel_proposed",
    }


def test_where_no_panel_is_called_the_hub_hears_of_it(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    scene.meeting.starts_at = clock.now() - timedelta(days=2)
    scene.meeting.ends_at = clock.now() - timedelta(days=1)
    rows.commit()
    proposes(acting, cast.officer, scene)
    assert heard(rows, cast, "panel_proposed") == {
        "coordinator portal panel_proposed",
        "second_coordinator portal panel_proposed",
    }
    assert heard(rows, cast, "panel_item_proposed") == set(), "it is their own doing"


def test_whoever_leads_a_case_that_the_proposer_does_not_read_hears_and_is_not_named(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    """Of another police team, they know the child by an episode, whoever works with them."""
    make_episode(rows, scene.child, cast.neighbour, team=cast.police_other_team)
    tell(rows, scene.child, cast.police_other_team, by=cast.coordinator)
    with acting(cast.neighbour) as actor:
        subject = Subject(child=db.session.get_one(Child, scene.child.id))
        propose(actor=actor, subject=subject, district=DISTRICT, why="Missing again")
        words = page_words()
    assert heard(rows, cast, "panel_item_proposed") == {"officer portal panel_news"}
    item = rows.scalars(select(PanelItem.id)).one()
    scene.meeting.chair_id = cast.neighbour.id  # they prepare the panel too, and do not take it after all
    rows.commit()
    make_invitation(rows, scene.meeting, person=cast.neighbour, by=cast.chair)
    with acting(cast.neighbour) as actor:
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        put_on(actor=actor, meeting=meeting, item=db.session.get_one(PanelItem, item))
        words += page_words()
    with acting(cast.neighbour) as actor:
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        decline(actor=actor, item=db.session.get_one(PanelItem, item), meeting=meeting, reason="Not for us")
        words += page_words()
    for event in ("panel_item_put_on", "panel_item_declined"):
        assert heard(rows, cast, event) == {"officer portal panel_news"}
    assert HIDDEN in words
    assert cast.officer.name not in words


def test_whoever_leads_a_restricted_case_is_asked_for_their_word(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    scene = make_panel_scene(rows, cast, sensitivity=1)
    grant(rows, scene.case, cast.officer, by=cast.second_coordinator)
    item = proposes(acting, cast.coordinator, scene)
    assert heard(rows, cast, "panel_word_asked") == {"officer mail panel_asked"}
    with acting(cast.officer) as actor:
        give_word(actor=actor, item=db.session.get_one(PanelItem, item), word="For them")
    assert heard(rows, cast, "panel_word_given") == {"coordinator portal panel_news"}


def test_the_team_that_holds_a_person_of_concern_is_asked_for_its_word(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    person = make_place(rows, cast)
    person.kind = "person"
    rows.commit()
    with acting(cast.coordinator) as actor:
        concern = db.session.get_one(Concern, person.id)
        propose(actor=actor, subject=Subject(concern=concern), district=None, why="Seen again")
    assert "police_team mail panel_asked" in heard(rows, cast, "panel_word_asked")


def test_where_nobody_leads_a_restricted_case_the_hub_hears_that_nobody_was_asked(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    scene = make_panel_scene(rows, cast, sensitivity=1)
    scene.case.lead_professional_id = None
    rows.commit()
    proposes(acting, cast.coordinator, scene)
    assert heard(rows, cast, "panel_word_asked") == set()
    assert rows.scalars(select(Untold.event)).all() == ["panel_word_asked"]


def test_proposer_and_lead_hear_that_it_is_on_and_that_it_is_not(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    item = proposes(acting, cast.second_coordinator, scene)
    goes_on(acting, cast, scene, item)
    assert heard(rows, cast, "panel_item_put_on") == {
        "second_coordinator portal panel_news",
        "officer portal panel_news",
    }
    papers_go_out(acting, cast, scene, item)
    with acting(cast.coordinator) as actor:
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        decline(actor=actor, item=db.session.get_one(PanelItem, item), meeting=meeting, reason="Not for us")
    assert heard(rows, cast, "panel_item_declined") == {
        "second_coordinator mail panel_news",
        "officer portal panel_news",
    }
    assert {"nurse portal panel_news", "community_safety portal panel_news"} <= heard(
        rows, cast, "panel_item_taken_off"
    )


def test_whoever_prepares_the_panel_hears_that_a_proposal_is_gone_once(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    item = proposes(acting, cast.officer, scene)
    with acting(cast.coordinator) as actor:
        decline(actor=actor, item=db.session.get_one(PanelItem, item), meeting=None, reason="Not for us")
        assert "(prepares the panel)" in page_words()
    told = {f"{one} portal panel_proposal_gone" for one in ("chair", "teacher", "second_coordinator")}
    assert heard(rows, cast, "panel_proposal_gone") == told
    about = rows.scalars(select(OutboxSubject).filter_by(reference=scene.meeting.reference)).all()
    assert {(one.subject_kind, one.case_id) for one in about} == {("meeting", None)}, "not of whom"
    again = proposes(acting, cast.officer, scene)
    goes_on(acting, cast, scene, again)
    papers_go_out(acting, cast, scene, again)
    with acting(cast.coordinator) as actor:
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        decline(actor=actor, item=db.session.get_one(PanelItem, again), meeting=meeting, reason="Not for us")
    assert "chair portal panel_news" in heard(rows, cast, "panel_item_taken_off")
    assert heard(rows, cast, "panel_proposal_gone") == told, "with the members, and not twice"


def test_where_no_coordinator_owes_the_reading_of_a_summary_the_hub_sees_it(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    item = proposes(acting, cast.officer, scene)
    goes_on(acting, cast, scene, item)
    rows.execute(
        update(Deadline).where(Deadline.subject_id == item).values(owner_id=None, owner_agency_id=cast.hub.id)
    )
    rows.commit()
    is_summed_up(acting, cast, scene, item)
    assert heard(rows, cast, "panel_summary_written") == {
        "coordinator portal given",
        "second_coordinator portal given",
    }


def test_members_hear_of_the_papers_and_of_a_newer_summary(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    item = proposes(acting, cast.officer, scene)
    goes_on(acting, cast, scene, item)
    papers_go_out(acting, cast, scene, item)
    assert heard(rows, cast, "panel_summary_written") == {"coordinator portal given"}
    out = heard(rows, cast, "panel_papers_out")
    assert MEMBERS <= out <= MEMBERS | RUN
    assert heard(rows, cast, "panel_summary_renewed") == set()
    is_summed_up(acting, cast, scene, item, seen=1)
    assert {"nurse portal panel_papers", "community_safety portal panel_papers"} <= heard(
        rows, cast, "panel_summary_renewed"
    )
    make_invitation(rows, scene.meeting, person=cast.stranger, by=cast.chair)
    with acting(cast.coordinator) as actor:
        share(actor=actor, meeting=db.session.get_one(Meeting, scene.meeting.id))
    assert heard(rows, cast, "panel_papers_out") == out | {"stranger mail panel_papers"}


def test_whoever_wrote_a_summary_hears_that_it_came_back(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    item = proposes(acting, cast.officer, scene)
    with acting(cast.officer) as actor:
        write_summary(
            actor=actor, item=db.session.get_one(PanelItem, item), about="plan", heading="A child",
            text="It fails", asks="Agree", seen=0,
        )  # fmt: skip
    with acting(cast.coordinator) as actor:
        summary = db.session.scalars(select(PanelSummary)).one()
        give_back(actor=actor, item=db.session.get_one(PanelItem, item), summary=summary, words="Say more")
    assert heard(rows, cast, "panel_summary_returned") == {"officer mail panel_asked"}


def test_proposer_and_lead_hear_what_was_decided_and_that_it_was_taken_back(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    item = proposes(acting, cast.second_coordinator, scene)
    goes_on(acting, cast, scene, item)
    scene.meeting.starts_at = clock.now() - timedelta(hours=1)
    scene.meeting.ends_at = clock.now() + timedelta(hours=1)
    rows.commit()
    both = {"second_coordinator mail panel_news", "officer mail panel_news"}
    for who, is_named in ((cast.chair, False), (cast.coordinator, True)):
        rows.execute(delete(OutboxSubject).where(OutboxSubject.subject_kind == "panel_item"))
        rows.execute(delete(OutboxMessage).where(OutboxMessage.event.startswith("panel_decision")))
        rows.execute(delete(OutboxMessage).where(OutboxMessage.event == "panel_decided"))
        rows.execute(delete(CaseNews))
        rows.commit()
        with acting(who) as actor:
            meeting = db.session.get_one(Meeting, scene.meeting.id)
            decide(actor=actor, meeting=meeting, item_id=item, text="A new plan", reason="It fails")
            assert (cast.officer.name in page_words()) == is_named, "who leads, to whoever reads the case"
        with acting(who) as actor:
            meeting = db.session.get_one(Meeting, scene.meeting.id)
            decision = db.session.scalars(select(PanelDecision).filter_by(withdrawn_at=None)).one()
            take_back(actor=actor, meeting=meeting, decision=decision, reason="Another child")
        for event in ("panel_decided", "panel_decision_taken_back"):
            assert heard(rows, cast, event) == both | {"news"}, "also where whoever decides reads no case"
            lines = rows.scalars(select(CaseNews).filter_by(event=event)).all()
            assert [(one.case_id, one.by_id) for one in lines] == [(scene.case.id, who.id)]


def test_whoever_recorded_a_place_hears_what_becomes_of_it(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    place = make_place(rows, cast)
    with acting(cast.second_coordinator) as actor:
        concern = db.session.get_one(Concern, place.id)
        item = propose(actor=actor, subject=Subject(concern=concern), district=None, why="Seen again").id
    news = "officer portal panel_news"
    assert news in heard(rows, cast, "panel_item_proposed")
    goes_on(acting, cast, scene, item)
    scene.meeting.starts_at = clock.now() - timedelta(hours=1)
    scene.meeting.ends_at = clock.now() + timedelta(hours=1)
    rows.commit()
    with acting(cast.chair) as actor:
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        decide(actor=actor, meeting=meeting, item_id=item, text="A new plan", reason="It fails")
    with acting(cast.chair) as actor:
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        decision = db.session.scalars(select(PanelDecision)).one()
        take_back(actor=actor, meeting=meeting, decision=decision, reason="Another place")
    for event in ("panel_decided", "panel_decision_taken_back"):
        assert "officer mail panel_news" in heard(rows, cast, event)


def test_the_lead_of_an_agency_hears_that_nobody_of_it_is_invited_to_the_next(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    rows.get_one(Agency, cast.health.id).lead_id = cast.nurse.id
    invited = make_invitation(rows, scene.meeting, team=cast.police_team, by=cast.chair)
    rows.get_one(Agency, cast.police.id).lead_id = cast.police_manager.id
    rows.get_one(type(cast.police_team), invited.team_id).active = False
    rows.commit()
    with acting(cast.chair) as actor:
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        later = meeting.starts_at + timedelta(days=28)
        call_next(
            actor=actor,
            meeting=meeting,
            starts_at=later,
            ends_at=later + timedelta(hours=1),
            place="Town hall",
            link="",
        )
    assert heard(rows, cast, "panel_member_left_out") == {"police_manager portal panel_left_out"}


@pytest.mark.usefixtures("at_night")
@pytest.mark.parametrize("soon", [False, True])
def test_papers_of_a_panel_before_the_next_sending_hour_and_what_is_asked_for_it_go_at_once(
    rows: Session, cast: Cast, acting: Acting, *, soon: bool
) -> None:
    scene = make_panel_scene(rows, cast)
    if soon:
        scene.meeting.starts_at = clock.now() + timedelta(hours=8)
        scene.meeting.ends_at = clock.now() + timedelta(hours=9)
        rows.commit()
    item = proposes(acting, cast.officer, scene)
    goes_on(acting, cast, scene, item)
    with acting(cast.officer) as actor:
        write_summary(
            actor=actor, item=db.session.get_one(PanelItem, item), about="plan", heading="A child",
            text="It fails", asks="Agree", seen=0,
        )  # fmt: skip
    with acting(cast.coordinator) as actor:
        summary = db.session.scalars(select(PanelSummary)).one()
        give_back(actor=actor, item=db.session.get_one(PanelItem, item), summary=summary, words="Say more")
    is_summed_up(acting, cast, scene, item, seen=1)
    with acting(cast.coordinator) as actor:
        send_papers(actor=actor, meeting=db.session.get_one(Meeting, scene.meeting.id))
    for event in ("panel_summary_returned", "panel_papers_out"):
        sent = rows.scalars(select(OutboxMessage).filter_by(event=event, channel="mail")).all()
        assert {one.urgent for one in sent} == {soon}, event
        assert {one.next_try_at > clock.now() for one in sent if one.next_try_at} == {not soon}, event


@pytest.mark.usefixtures("at_night")
@pytest.mark.parametrize("soon", [False, True])
def test_whoever_is_asked_for_their_word_before_a_panel_that_is_soon_hears_of_it_at_once(
    rows: Session, cast: Cast, acting: Acting, *, soon: bool
) -> None:
    scene = make_panel_scene(rows, cast, sensitivity=1)
    grant(rows, scene.case, cast.officer, by=cast.second_coordinator)
    scene.meeting.starts_at = clock.now() + timedelta(hours=8 if soon else 100)
    scene.meeting.ends_at = scene.meeting.starts_at + timedelta(hours=1)
    rows.commit()
    proposes(acting, cast.coordinator, scene)
    (sent,) = rows.scalars(select(OutboxMessage).filter_by(event="panel_word_asked", channel="mail")).all()
    assert sent.urgent is soon
