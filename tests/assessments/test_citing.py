"""Citing an entry in a section: under its conditions, and shown to each reader by the entry's own rule."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError, NotFound
from portal.extensions import db
from portal.model import new_id
from portal.policy import current_policy
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import correct_entry
from portal.records.entries.citations import Holder, cite, minute_of, section_of, withdraw
from portal.records.entries.model import Citation, CitedEntry
from portal.records.entries.reading import citations
from portal.records.entries.vocabulary import CitationHolder, Handling
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Minute
from portal.records.people.model import User
from portal.vocabulary import RiskLevel
from tests.assessments.conftest import Acting, assessed, begin, case_of_three, put
from tests.cast import Cast
from tests.factories.cases import add_entry
from tests.factories.meetings import make_heading, make_meeting

VOICE = "voice"


def holder_of(case: Case, assessment: RiskAssessment) -> Holder:
    """The section on the child's voice, in the session of whoever acts."""
    return section_of(
        assessment=db.session.get_one(RiskAssessment, assessment.id),
        case=db.session.get_one(Case, case.id),
        section=VOICE,
    )


def cites(acting: Acting, person: User, case: Case, assessment: RiskAssessment, entry_id: UUID) -> UUID:
    """Somebody cites an entry that they may read."""
    with acting(person) as actor:
        entry = db.session.get_one(ChronologyEntry, entry_id)
        return cite(actor=actor, holder=holder_of(case, assessment), entry=entry).id


def reads(acting: Acting, person: User, assessment: RiskAssessment) -> Any:
    """The one citation of an assessment, as somebody reads it."""
    with acting(person):
        (row,) = citations.of_holders(kind=CitationHolder.ASSESSMENT, ids=[assessment.id])
        return row


@pytest.fixture
def assessment(acting: Acting, cast: Cast, case: Case) -> RiskAssessment:
    """One that is being written."""
    return begin(acting, cast.social_worker, case)


def test_a_citation_carries_the_conditions_as_they_were_and_never_the_words(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    entry = add_entry(rows, case, cast.officer, handling=Handling.AGENCIES, listed=(cast.social_care.id,))
    entry.conditions = "Ring before use."
    rows.commit()
    cites(acting, cast.social_worker, case, assessment, entry.id)
    kept = rows.scalars(select(CitedEntry)).one()
    assert kept.conditions == "Only for Police and County social care. Ring before use."
    assert kept.cited_by == cast.social_worker.id


def test_an_entry_that_is_bound_not_to_be_put_into_minutes_is_refused_with_whom_to_ask(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    entry = add_entry(rows, case, cast.officer)
    bound = current_policy().sharing.conditions.label("no_minutes")
    entry.conditions = f"Ring before use.\n{bound}"
    rows.commit()
    with pytest.raises(DomainError, match=bound) as refused:
        cites(acting, cast.social_worker, case, assessment, entry.id)
    assert "Police" in str(refused.value), "the refusal says whom to ask"
    assert rows.scalars(select(CitedEntry)).all() == []


def test_whoever_may_not_read_the_entry_sees_whose_it_is_and_no_more(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    entry = add_entry(rows, case, cast.officer, handling=Handling.AGENCIES, listed=(cast.social_care.id,))
    cites(acting, cast.officer, case, assessment, entry.id)
    for person in (cast.social_worker, cast.colleague):
        assert reads(acting, person, assessment).text == entry.text
    for person in (cast.nurse, cast.coordinator):
        row = reads(acting, person, assessment)
        assert (row.agency, row.reference[:4]) == ("Police", "CIT-")
        hidden = ("entry_id", "text", "kind", "happened_at", "conditions", "cited_by", "cited_agency")
        assert [getattr(row, name) for name in hidden] == [None] * len(hidden)


def test_a_stranger_does_not_learn_that_anything_is_cited(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    cites(acting, cast.officer, case, assessment, add_entry(rows, case, cast.officer).id)
    for person in (cast.stranger, cast.neighbour, cast.governance, cast.administrator):
        with acting(person):
            assert not citations.of_holders(kind=CitationHolder.ASSESSMENT, ids=[assessment.id])


def test_what_an_agency_keeps_to_itself_is_refused_with_whom_to_ask(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    entry = add_entry(rows, case, cast.officer, handling=Handling.OWN)
    with pytest.raises(DomainError, match=r"Only Police may read this entry.* Ask Police: "):
        cites(acting, cast.colleague, case, assessment, entry.id)


def test_the_database_itself_refuses_to_cite_what_an_agency_keeps_to_itself(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    kept, open_to_all = (
        add_entry(rows, case, cast.officer, handling=h) for h in (Handling.OWN, Handling.NETWORK)
    )
    citation_id = cites(acting, cast.officer, case, assessment, open_to_all.id)
    rows.query(CitedEntry).delete()
    rows.commit()
    facts = {"citation_id": citation_id, "cited_by": cast.officer.id, "cited_agency_id": cast.police.id}
    with pytest.raises(DBAPIError, match="row-level security"), acting(cast.officer):
        put(db.session(), CitedEntry(entry_id=kept.id, conditions="", **facts))
    with acting(cast.officer):
        put(db.session(), CitedEntry(entry_id=open_to_all.id, conditions="", **facts))


def test_an_entry_of_another_case_is_not_there_to_cite(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    elsewhere = add_entry(rows, case_of_three(rows, cast), cast.officer)
    with pytest.raises(NotFound):
        cites(acting, cast.officer, case, assessment, elsewhere.id)


def test_only_what_is_being_written_cites(acting: Acting, rows: Session, cast: Cast, case: Case) -> None:
    entry = add_entry(rows, case, cast.officer)
    done = assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    with pytest.raises(DomainError, match="no longer being written"):
        cites(acting, cast.officer, case, done, entry.id)
    row = Citation(
        id=new_id(),
        reference="CIT-0000-0000",
        case_id=case.id,
        holder_kind=CitationHolder.ASSESSMENT,
        holder_id=done.id,
        agency_id=cast.police.id,
        cited_at=clock.now(),
    )
    with pytest.raises(DBAPIError, match="row-level security"), acting(cast.officer):
        put(db.session(), row)


def test_pressing_twice_cites_once(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    entry = add_entry(rows, case, cast.officer)
    once = cites(acting, cast.officer, case, assessment, entry.id)
    assert cites(acting, cast.nurse, case, assessment, entry.id) == once
    assert rows.scalar(select(func.count()).select_from(Citation)) == 1


def test_a_corrected_entry_is_cited_by_its_correction(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    entry = add_entry(rows, case, cast.officer)
    cites(acting, cast.nurse, case, assessment, entry.id)
    with acting(cast.officer) as actor:
        correct_entry(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            entry=db.session.get_one(ChronologyEntry, entry.id),
            text="It was another evening.",
            reason="Wrong evening",
        )
    assert reads(acting, cast.nurse, assessment).corrected
    with pytest.raises(DomainError, match="Cite the later one"):
        cites(acting, cast.officer, case, assessment, entry.id)


def test_the_agency_that_cited_or_wrote_takes_it_back_and_nobody_else(
    acting: Acting, rows: Session, cast: Cast, case: Case, assessment: RiskAssessment
) -> None:
    entry = add_entry(rows, case, cast.officer)
    for taker in (cast.social_care_manager, cast.colleague):
        citation_id = cites(acting, cast.social_worker, case, assessment, entry.id)
        with pytest.raises(Forbidden), acting(cast.nurse) as actor:
            take_back(actor, case, assessment, citation_id)
        with acting(taker) as actor:
            take_back(actor, case, assessment, citation_id)
        assert rows.get_one(CitedEntry, citation_id).withdrawn_by == taker.id
        with pytest.raises(NotFound), acting(taker) as actor:
            take_back(actor, case, assessment, citation_id)


def take_back(actor: Any, case: Case, assessment: RiskAssessment, citation_id: UUID) -> None:
    """Somebody takes a citation back."""
    found = db.session.get_one(Citation, citation_id)
    withdraw(actor=actor, holder=holder_of(case, assessment), citation=found)


def test_minutes_cite_while_the_meeting_is_recorded_and_only_what_is_on_their_child(
    acting: Acting, rows: Session, cast: Cast, case: Case
) -> None:
    entry = add_entry(rows, case, cast.officer, handling=Handling.AGENCIES, listed=(cast.social_care.id,))
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.social_worker)
    on_child, on_all = (make_minute(rows, meeting, about, cast.social_worker) for about in (case, None))
    cites_in(acting, cast.social_worker, case, on_child, entry)
    with acting(cast.nurse):
        (row,) = citations.of_holders(kind=CitationHolder.MINUTE, ids=[on_child.id])
        assert (row.agency, row.entry_id) == ("Police", None)
    with pytest.raises(DomainError, match="no longer being written"):
        cites_in(acting, cast.social_worker, case, on_all, entry)
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED):
        rows.get_one(Meeting, meeting.id).state = state
        rows.commit()
    later = add_entry(rows, case, cast.officer)
    with pytest.raises(DBAPIError, match="row-level security"):
        cites_in(acting, cast.social_worker, case, on_child, later)


def make_minute(rows: Session, meeting: Meeting, about: Case | None, saved_by: User) -> Minute:
    """What was said under one heading."""
    minute = Minute(
        id=new_id(),
        meeting_id=meeting.id,
        item_id=make_heading(rows, meeting, about).id,
        case_id=about.id if about else None,
        text="Talked about",
        saved_by=saved_by.id,
        saved_at=clock.now(),
    )
    rows.add(minute)
    rows.commit()
    return minute


def cites_in(acting: Acting, person: User, case: Case, minute: Minute, entry: ChronologyEntry) -> None:
    """Somebody cites an entry in minutes, as if the meeting were still being recorded."""
    with acting(person) as actor:
        holder = minute_of(
            minute=db.session.get_one(Minute, minute.id),
            case=db.session.get_one(Case, case.id),
            recorded=True,
        )
        cite(actor=actor, holder=holder, entry=db.session.get_one(ChronologyEntry, entry.id))
