"""Somebody who reaches very many: lists go on page by page, and say what they leave out."""

import copy
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.pages import contributions
from portal.records.cases.reading import lists
from portal.records.meetings.reading import records as meetings
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting

ClientFor = Callable[[User], Client]

MORE = "You reach more than 1,000 open cases"


def test_a_list_of_some_cases_says_so_and_one_of_all_does_not(
    rows: Session, cast: Cast, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.health, opened_by=cast.coordinator)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    client: Client = client_for(cast.nurse)
    pages = ("/contributions", "/contributions/new", "/health/summaries", "/health/found")
    for page in pages:
        assert MORE not in client.soup(page).get_text()
    monkeypatch.setattr(contributions, "_BEYOND", contributions._BEYOND.replace("> 1000", "> 0"))
    for page in pages:
        assert MORE in client.soup(page).get_text()


def test_whoever_works_on_very_many_finds_the_same_cases_in_the_same_order(
    rows: Session, cast: Cast, acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    for worker in (cast.officer, cast.officer, cast.colleague):
        case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
        involve(rows, case, cast.police_team, by=cast.coordinator, worker=worker)
    for person in (cast.officer, cast.colleague, cast.stranger):
        with acting(person) as actor:
            mine = next(one for one in lists.readers(actor) if one.kind is lists.ReaderKind.MINE)
            few = lists.list_cases(reader=mine).rows
            with monkeypatch.context() as patch:
                walked = copy.copy(lists._OF_PERSON)
                walked.text = walked.text.replace("<= 1000", "<= 0").replace("> 1000", "> 0")
                patch.setattr(lists, "_OF_PERSON", walked)
                assert lists.list_cases(reader=mine).rows == few
        assert len(few) == {cast.officer.id: 2, cast.colleague.id: 1}.get(person.id, 0)


def test_the_first_of_my_meetings_are_shown_and_that_there_are_more(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    for days in (3, 1, 2):
        begins = clock.now() + timedelta(days=days)
        meeting = make_meeting(
            rows, cases=[case], chair=cast.chair, note_taker=cast.social_worker, starts_at=begins
        )
        make_invitation(rows, meeting, person=cast.nurse, by=cast.chair)
    with acting(cast.nurse) as actor:
        every, none = meetings.mine(actor)
        first, more = meetings.mine(actor, limit=2)
        assert first == every[:2]
        assert (len(every), none, more) == (3, False, True)
