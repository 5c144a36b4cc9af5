"""Whoever looks for a child hears at once what was added, and that they were found or are back."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.missing.steps import add_enquiry
from portal.records.people.model import Team, User
from portal.vocabulary import Desk
from tests.cast import Cast
from tests.client import Client
from tests.missing.conftest import Acting, finds, reports, returns, withdraws
from tests.told import heard, page_words

ClientFor = Callable[[User | None], Client]
#: A Sunday: nobody who is not urgently told hears before Monday at eight.
SUNDAY = datetime(2026, 11, 29, 14, 12, tzinfo=UTC)


@pytest.fixture
def child(rows: Session, cast: Cast, case: Case) -> Child:
    """There are desks of the police and of social care."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.commit()
    return rows.get_one(Child, case.child_id)


def mails(rows: Session, event: str) -> list[OutboxMessage]:
    rows.rollback()
    found = rows.scalars(select(OutboxMessage).filter_by(event=event, channel="mail")).all()
    assert found, event
    return list(found)


def goes_out_at_once(rows: Session, event: str) -> bool:
    return all(one.urgent and one.not_before == SUNDAY for one in mails(rows, event))


@time_machine.travel(SUNDAY, tick=False)
def test_found_and_not_back_is_told_at_once_and_so_is_the_return(
    rows: Session, cast: Cast, child: Child, acting: Acting
) -> None:
    episode = reports(acting, cast.nurse, child=child)
    finds(acting, cast.officer, episode)
    told = heard(rows, cast, "missing_found")
    desks = {"police_other_team mail missing_found", "hub_team mail missing_found"}
    assert desks | {"social_worker mail missing_found", "nurse mail missing_found"} <= told
    assert not any(one.startswith(("stranger", "officer", "teacher")) for one in told)
    assert goes_out_at_once(rows, "missing_found")
    returns(acting, cast.officer, episode, at=SUNDAY)
    assert goes_out_at_once(rows, "missing_returned")


@time_machine.travel(SUNDAY, tick=False)
def test_nobody_goes_on_looking_for_a_child_who_was_not_missing(
    rows: Session, cast: Cast, child: Child, acting: Acting
) -> None:
    withdraws(acting, cast.officer, reports(acting, cast.nurse, child=child))
    assert goes_out_at_once(rows, "missing_withdrawn")


@time_machine.travel(SUNDAY, tick=False)
def test_the_page_says_by_name_that_the_desk_hears_what_was_added(
    rows: Session, cast: Cast, child: Child, client_for: ClientFor, acting: Acting
) -> None:
    episode = reports(acting, cast.officer, child=child)
    nurse = client_for(cast.nurse)
    page = f"/missing/{episode.reference}"
    form = {"made_by": "Nell", "words": "Rang the friend, who saw her at the chip shop", "once": str(uuid4())}
    answer = nurse.submit(f"{page}/enquiry", form)
    assert answer.status_code == 303
    words = " ".join(nurse.soup(answer.location).get_text(" ").split())
    assert f"Told by e-mail now, and in the portal: {cast.police_other_team.name}" in words
    assert goes_out_at_once(rows, "missing_added")
    told = heard(rows, cast, "missing_added")
    assert {"police_other_team mail missing_added", "social_worker portal missing_news"} <= told
    assert not any(one.startswith(("stranger", "teacher", "nurse")) for one in told)


def test_the_desk_is_not_mailed_what_it_added_itself_and_nobody_after_the_return(
    rows: Session, cast: Cast, child: Child, acting: Acting
) -> None:
    episode = reports(acting, cast.nurse, child=child)

    def adds(by: User) -> str:
        with acting(by) as actor:
            record = db.session.get_one(MissingEpisode, episode.id)
            add_enquiry(actor=actor, episode=record, at=None, by="x", words="Rang home", once=uuid4())
            return page_words()

    assert "Not told" not in adds(cast.neighbour)
    assert "police_other_team mail missing_added" not in heard(rows, cast, "missing_added")
    returns(acting, cast.officer, episode)
    before = heard(rows, cast, "missing_added")
    assert "Told" not in adds(cast.nurse)
    assert heard(rows, cast, "missing_added") == before
