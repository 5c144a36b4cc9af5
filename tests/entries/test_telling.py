"""Who hears of an entry: whoever may read it, and whoever cites it."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import add_entry, correct_entry
from portal.records.entries.citations import cite, section_of, withdraw
from portal.records.entries.model import Citation
from portal.records.entries.vocabulary import Handling
from portal.records.intelligence.gradings import Graded, add_intelligence, grade, release
from portal.records.people.model import User
from portal.vocabulary import Role
from tests.assessments.conftest import begin, case_of_three
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.assessments import make_assessment, make_citation
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.factories.people import make_user
from tests.told import heard, of_event, page_words


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return case_of_three(rows, cast)


def adds(acting: Acting, who: User, case: Case, handling: Handling = Handling.NETWORK, **more: Any) -> None:
    with acting(who) as actor:
        add_entry(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            kind="note",
            text="Seen with two adults.",
            happened_at=clock.now() - timedelta(days=1),
            handling=handling,
            **more,
        )


def test_whoever_leads_hears_of_an_entry_in_the_morning(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    adds(acting, cast.nurse, case)
    assert heard(rows, cast, "entry_added") == {"social_worker digest entry_added", "news"}


@pytest.mark.parametrize("listed", [False, True])
def test_of_an_entry_that_the_lead_may_not_read_they_hear_nothing(
    rows: Session, cast: Cast, case: Case, acting: Acting, *, listed: bool
) -> None:
    if listed:
        adds(acting, cast.nurse, case, Handling.AGENCIES, listed=[cast.police.id])
    else:
        adds(acting, cast.nurse, case, Handling.OWN)
    assert heard(rows, cast, "entry_added") == {"news"}


def test_a_critical_moment_is_news_beside_the_review_that_it_asks_for(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    adds(acting, cast.nurse, case, critical_moment="Sent home for a week", moment="exclusion")
    assert heard(rows, cast, "moment_marked") == {"news"}
    assert heard(rows, cast, "moment_urgent") == set()


@pytest.mark.parametrize("handling", [Handling.NETWORK, Handling.AGENCIES])
def test_a_moment_that_cannot_wait_is_told_at_any_hour_to_all_who_may_read_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, handling: Handling
) -> None:
    """The nurse writes it; what is kept for social care the police on the case do not hear of."""
    grant(rows, case, cast.teacher, by=cast.coordinator)
    listed = [cast.social_care.id] if handling is Handling.AGENCIES else []
    adds(acting, cast.nurse, case, handling, listed=listed, moment="self_harm")
    kept = {
        "social_worker mail moment_urgent",
        "social_care_team mail moment_urgent",
        "social_care_manager portal case_news",
        "chair portal moment_urgent",
        "health_team mail moment_urgent",
        "news",
    }
    others = {
        "officer mail moment_urgent",
        "police_team mail moment_urgent",
        "colleague portal moment_urgent",
        "police_manager portal moment_urgent",
        "teacher mail moment_urgent",
    }
    assert heard(rows, cast, "moment_urgent") == (kept if listed else kept | others)
    assert heard(rows, cast, "moment_marked") == set()
    mails = rows.scalars(select(OutboxMessage).filter_by(kind="moment_urgent", channel="mail"))
    assert {one.urgent for one in mails} == {True}


def test_on_a_sunday_evening_the_page_names_who_hears_at_once_of_what_cannot_wait_and_whom_to_ring(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    there = clock.today() + timedelta(days=13 - clock.today().weekday())
    evening = datetime.combine(there, time(19), tzinfo=clock.LOCAL_ZONE)
    with time_machine.travel(evening), acting(cast.nurse) as actor:
        add_entry(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            kind="note",
            text="Took tablets.",
            happened_at=clock.now() - timedelta(hours=1),
            handling=Handling.NETWORK,
            moment="self_harm",
        )
        said = page_words()
    assert f"Told by e-mail now, and in the portal: {cast.social_worker.name} (leads the case)" in said
    assert cast.officer.name in said
    assert "It is outside office hours" in said
    assert "If it cannot wait, ring " in said


def test_whoever_cited_an_entry_hears_that_it_was_corrected_or_is_cited_no_longer(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    adds(acting, cast.nurse, case)
    begun = begin(acting, cast.social_worker, case)
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(Case, case.id)
        found = db.session.get_one(RiskAssessment, begun.id)
        holder = section_of(assessment=found, case=record, section="voice")
        cite(actor=actor, holder=holder, entry=db.session.scalars(select(ChronologyEntry)).one())
    with acting(cast.nurse) as actor:
        record = db.session.get_one(Case, case.id)
        entry = db.session.scalars(select(ChronologyEntry)).one()
        correct_entry(actor=actor, case=record, entry=entry, text="Seen with one adult.", reason="Misread")
    assert {"social_worker portal citation_changed", "news"} <= heard(rows, cast, "entry_corrected")
    with acting(cast.nurse) as actor:
        record = db.session.get_one(Case, case.id)
        found = db.session.get_one(RiskAssessment, begun.id)
        holder = section_of(assessment=found, case=record, section="voice")
        withdraw(actor=actor, holder=holder, citation=db.session.scalars(select(Citation)).one())
    assert heard(rows, cast, "citation_withdrawn") == {"social_worker portal citation_changed"}


def test_whoever_wrote_intelligence_hears_that_somebody_else_graded_it_and_readers_that_it_is_released(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    bound = Graded(source_grade="2", information_grade="C", handling_code="C", conditions=["reading_only"])
    with acting(cast.officer) as actor:
        add_intelligence(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            text="Two phones.",
            happened_at=clock.now() - timedelta(days=1),
            handling=Handling.AGENCIES,
            listed=[cast.social_care.id],
            grading=bound,
        )
    assert heard(rows, cast, "intelligence_graded") == set()
    other = make_user(rows, cast.police, "Gerda Grader", Role.PRACTITIONER, teams=(cast.police_team,))
    with acting(other) as actor:
        record = db.session.get_one(Case, case.id)
        entry = db.session.scalars(select(ChronologyEntry)).one()
        again = Graded(
            source_grade="1", information_grade="A", handling_code="C", conditions=["reading_only"]
        )
        grade(actor=actor, case=record, entry=entry, grading=again)
        release(actor=actor, case=record, entry=entry, reason="Charged")
    assert heard(rows, cast, "intelligence_graded") == {"officer portal grading_changed", "news"}
    assert heard(rows, cast, "intelligence_released") == {
        "social_worker mail intelligence_released",
        "officer portal intelligence_released",
        "news",
    }, "health may not read it"


def test_whoever_chairs_a_meeting_on_the_case_and_whose_record_leaves_it_out_hears_that_it_is_released(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator)
    bound = Graded(source_grade="2", information_grade="C", handling_code="C", conditions=["reading_only"])
    with acting(cast.officer) as actor:
        entry = add_intelligence(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            text="Two phones.",
            happened_at=clock.now() - timedelta(days=1),
            handling=Handling.NETWORK,
            grading=bound,
        )
        db.session.flush()
        number = entry.id
    assessment = make_assessment(rows, rows.get_one(Case, case.id), cast.coordinator)
    rows.add(assessment)
    rows.flush()
    for one in make_citation(assessment, rows.get_one(ChronologyEntry, number), cast.coordinator.id):
        rows.add(one)
        rows.flush()
    rows.commit()
    with acting(cast.officer) as actor:
        record, entry = db.session.get_one(Case, case.id), db.session.get_one(ChronologyEntry, number)
        release(actor=actor, case=record, entry=entry, reason="Charged")
    told = heard(rows, cast, "intelligence_released")
    assert {"chair portal intelligence_released", "coordinator portal intelligence_released"} <= told


def test_whoever_chairs_a_meeting_within_two_working_days_hears_of_an_entry_that_they_may_read(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    later = clock.now() + timedelta(days=12)
    for chair, starts in ((cast.chair, clock.now() + timedelta(hours=20)), (cast.teacher, later)):
        ends = starts + timedelta(hours=1)
        make_meeting(
            rows, cases=[case], chair=chair, note_taker=cast.coordinator, starts_at=starts, ends_at=ends
        )
    adds(acting, cast.nurse, case)
    assert heard(rows, cast, "entry_added") == {
        "social_worker digest entry_added",
        "chair digest entry_added",
        "news",
    }
    adds(acting, cast.nurse, case, Handling.AGENCIES, listed=[cast.social_care.id])
    found = of_event(rows, "entry_added")
    assert len([one for one in found if one[0] == cast.chair.id]) == 1, "of that one the chair hears nothing"
