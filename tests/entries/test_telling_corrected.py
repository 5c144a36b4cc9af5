"""Whoever was told what an entry says hears that it says something else, or is not sure any more."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import add_entry, correct_entry
from portal.records.entries.vocabulary import Handling
from portal.records.intelligence.gradings import Graded, add_intelligence, grade, release
from portal.records.people.model import User
from tests.assessments.conftest import case_of_three
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.assessments import make_assessment, make_citation
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.missing.test_pages import ClientFor
from tests.told import heard, of_event, page_words

BOUND = Graded(source_grade="1", information_grade="B", handling_code="C", conditions=["reading_only"])
FREE = Graded(source_grade="1", information_grade="B", handling_code="P")


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """Of three agencies, with somebody named on it and a meeting within days."""
    made = case_of_three(rows, cast)
    grant(rows, made, cast.community_safety, by=cast.coordinator)
    starts_at = clock.now() + timedelta(hours=20)
    make_meeting(rows, cases=[made], chair=cast.chair, note_taker=cast.coordinator, starts_at=starts_at)
    rows.commit()
    return made


def a_sunday_evening() -> datetime:
    there = clock.today() + timedelta(days=13 - clock.today().weekday())
    return datetime.combine(there, time(18), tzinfo=clock.LOCAL_ZONE)


def entry_of(rows: Session) -> ChronologyEntry:
    """The last one."""
    return rows.scalars(select(ChronologyEntry).order_by(ChronologyEntry.created_at.desc())).all()[0]


def intelligence(acting: Acting, cast: Cast, case: Case, grading: Graded, **more: Any) -> UUID:
    with acting(cast.colleague) as actor:
        made = add_intelligence(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            text="He will be moved on Tuesday.",
            happened_at=clock.now() - timedelta(days=1),
            handling=more.pop("handling", Handling.NETWORK),
            grading=grading,
            **more,
        )
        db.session.flush()
        return made.id


def corrects(acting: Acting, who: User, case: Case, entry_id: UUID, text: str) -> str:
    with acting(who) as actor:
        entry = db.session.get_one(ChronologyEntry, entry_id)
        record = db.session.get_one(Case, case.id)
        correct_entry(actor=actor, case=record, entry=entry, text=text, reason="Misheard")
        return page_words()


def grades(acting: Acting, who: User, case: Case, entry_id: UUID, grading: Graded) -> str:
    with acting(who) as actor:
        entry = db.session.get_one(ChronologyEntry, entry_id)
        grade(actor=actor, case=db.session.get_one(Case, case.id), entry=entry, grading=grading)
        return page_words()


def cites_it(rows: Session, cast: Cast, case: Case, entry_id: UUID) -> None:
    """The second coordinator cites the entry in an assessment."""
    assessment = make_assessment(rows, rows.get_one(Case, case.id), cast.second_coordinator)
    rows.add(assessment)
    rows.flush()
    entry = rows.get_one(ChronologyEntry, entry_id)
    for one in make_citation(assessment, entry, cast.second_coordinator.id):
        rows.add(one)
        rows.flush()
    rows.commit()


def nobody_else(rows: Session, cast: Cast, event: str) -> None:
    told = {who for who, *_ in of_event(rows, event)}
    for person in (cast.stranger, cast.teacher, cast.neighbour):
        assert person.id not in told, person.name


def test_whoever_was_told_hears_of_a_correction_in_the_morning(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with acting(cast.nurse) as actor:
        made = add_entry(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            kind="note",
            text="Seen with two adults.",
            happened_at=clock.now() - timedelta(days=1),
            handling=Handling.NETWORK,
        )
        db.session.flush()
        number = made.id
    words = corrects(acting, cast.nurse, case, number, "Seen with one adult.")
    told = heard(rows, cast, "entry_corrected")
    expected = ("social_worker", "officer", "colleague", "community_safety", "chair")
    assert {f"{one} digest entry_corrected" for one in expected} | {"news"} <= told
    assert not {one for one in told if " mail " in one}
    assert f"{cast.social_worker.name} (leads the case)" in words
    nobody_else(rows, cast, "entry_corrected")


def test_whoever_was_told_hears_of_corrected_intelligence_at_any_hour(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    number = intelligence(acting, cast, case, FREE)
    cites_it(rows, cast, case, number)
    with time_machine.travel(a_sunday_evening()):
        words = corrects(acting, cast.officer, case, number, "He will be moved TONIGHT.")
    told = heard(rows, cast, "entry_corrected_now")
    assert {one for one in told if " mail " in one} == {
        f"{one} mail entry_corrected_now"
        for one in ("social_worker", "nurse", "community_safety", "chair", "coordinator")
    }
    assert {f"{one} portal entry_corrected" for one in ("colleague", "police_manager")} <= told
    assert {"second_coordinator portal citation_changed", "news"} <= told
    assert "Told by e-mail now, and in the portal: " in words
    assert "It is outside office hours, and it may be that none of them reads it now." in words
    assert "If it cannot wait, ring " in words
    assert all(
        one.urgent for one in rows.query(OutboxMessage).filter_by(event="entry_corrected_now", channel="mail")
    )
    nobody_else(rows, cast, "entry_corrected_now")


def test_of_corrected_intelligence_that_they_may_not_read_nobody_hears(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    listed = {"handling": Handling.AGENCIES, "listed": [cast.social_care.id]}
    number = intelligence(acting, cast, case, FREE, **listed)
    corrects(acting, cast.officer, case, number, "He will be moved TONIGHT.")
    grades(acting, cast.officer, case, entry_of(rows).id, BOUND)
    for event in ("entry_corrected_now", "intelligence_doubted"):
        told = {who for who, *_ in of_event(rows, event)}
        assert cast.social_worker.id in told
        assert cast.nurse.id not in told


def test_whoever_was_told_hears_at_any_hour_that_intelligence_is_doubted_or_bound_again(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    """Released, so that all are told that its conditions ended; and a minute later false, and bound again."""
    number = intelligence(acting, cast, case, BOUND)
    with acting(cast.officer) as actor:
        entry = db.session.get_one(ChronologyEntry, number)
        release(actor=actor, case=db.session.get_one(Case, case.id), entry=entry, reason="Charged")
    cites_it(rows, cast, case, number)
    doubted = Graded(source_grade="1", information_grade="E", handling_code="C", conditions=["reading_only"])
    with time_machine.travel(a_sunday_evening()):
        words = grades(acting, cast.coordinator, case, number, doubted)
    told = heard(rows, cast, "intelligence_doubted")
    assert {one for one in told if " mail " in one} == {
        f"{one} mail intelligence_doubted"
        for one in ("social_worker", "nurse", "officer", "community_safety", "chair")
    }
    assert {f"{one} portal intelligence_regraded" for one in ("police_manager", "second_coordinator")} <= told
    assert {"colleague portal grading_changed", "news"} <= told
    assert "It is outside office hours" in words
    assert of_event(rows, "intelligence_graded") == set()
    nobody_else(rows, cast, "intelligence_doubted")


def test_a_grading_that_is_surer_and_binds_no_more_is_no_matter_of_the_hour(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    number = intelligence(acting, cast, case, FREE)
    surer = Graded(source_grade="1", information_grade="A", handling_code="P")
    grades(acting, cast.coordinator, case, number, surer)
    assert of_event(rows, "intelligence_doubted") == set()
    assert heard(rows, cast, "intelligence_graded") == {"colleague portal grading_changed", "news"}


def test_a_grading_that_binds_less_or_in_another_order_is_no_matter_of_the_hour(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    grades_it = {"source_grade": "1", "information_grade": "B", "handling_code": "C"}
    lines = ("Not before Tuesday", "Not by telephone")
    both = Graded(**grades_it, conditions=["reading_only"], more_conditions="\n".join(lines))
    number = intelligence(acting, cast, case, both)
    turned = Graded(**grades_it, conditions=["reading_only"], more_conditions="\n".join(reversed(lines)))
    grades(acting, cast.colleague, case, number, turned)
    less = Graded(**grades_it, conditions=["reading_only"], more_conditions=lines[0])
    grades(acting, cast.colleague, case, number, less)
    assert of_event(rows, "intelligence_doubted") == set()
    other = Graded(**grades_it, conditions=["reading_only"], more_conditions=lines[1])
    grades(acting, cast.colleague, case, number, other)
    assert cast.social_worker.id in {who for who, *_ in of_event(rows, "intelligence_doubted")}


def test_the_form_to_grade_again_begins_with_the_conditions_that_stand(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    number = intelligence(acting, cast, case, BOUND)
    page: Client = client_for(cast.officer)
    found = page.soup(f"/cases/{case.reference}/entries/{number}/grade")
    chosen = {one["value"] for one in found.select("input[checked]")}
    assert {"1", "B", "C", "reading_only"} <= chosen
