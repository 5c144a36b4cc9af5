"""Whoever looks for a child hears at once what was added, and that they were found or are back."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import CaseNews, OutboxMessage
from portal.records.attachments.model import Attachment
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.missing.steps import CHANGED, add_enquiry, change_episode
from portal.records.people.model import Team, User
from portal.vocabulary import Desk
from tests.attachments.specimens import picture
from tests.cast import Cast
from tests.client import Client
from tests.missing.conftest import Acting, finds, reports, returns, withdraws
from tests.missing.test_reporting import hide
from tests.reminders.travel import away
from tests.told import heard, page_words
from tests.triage.test_pages import fields_of

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
@pytest.mark.parametrize("back", [False, True])
def test_that_the_child_was_hurt_is_told_at_once_though_it_is_said_after_the_return(
    rows: Session, cast: Cast, child: Child, acting: Acting, client_for: ClientFor, back: bool
) -> None:
    episode = reports(acting, cast.nurse, child=child)
    (returns if back else finds)(acting, cast.officer, episode)
    client, page = client_for(cast.officer), f"/missing/{episode.reference}"
    typed = fields_of(client.soup(f"{page}/found"), f"{page}/found")
    answer = client.submit(f"{page}/found", typed | {"injuries": "Bruises; says that a man held her down"})
    assert f"Told by e-mail now, and in the portal: {cast.police_other_team.name}" in " ".join(
        client.soup(answer.location).get_text(" ").split()
    )
    told = heard(rows, cast, "missing_hurt")
    assert {
        "social_worker mail missing_hurt",
        "nurse mail missing_hurt",
        "hub_team mail missing_hurt",
    } <= told
    assert not any(one.startswith(("stranger", "teacher", "officer")) for one in told)
    assert goes_out_at_once(rows, "missing_hurt")


def test_where_the_child_was_found_put_right_is_news_for_whoever_works_with_it(
    rows: Session, cast: Cast, child: Child, acting: Acting, client_for: ClientFor
) -> None:
    episode = reports(acting, cast.nurse, child=child)
    returns(acting, cast.officer, episode)
    client, page = client_for(cast.officer), f"/missing/{episode.reference}"
    typed = fields_of(client.soup(f"{page}/found"), f"{page}/found")
    client.submit(f"{page}/found", typed | {"found_where": "A hotel by the ring road"})
    assert not heard(rows, cast, "missing_hurt")
    kinds = rows.scalars(select(CaseNews.event).where(CaseNews.event == "missing_report_changed")).all()
    assert kinds


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


@pytest.mark.parametrize("by_script", [False, True])
@time_machine.travel(SUNDAY, tick=False)
def test_of_a_picture_whoever_looks_for_the_child_hears_while_it_is_missing_and_nothing_of_the_picture(
    rows: Session, cast: Cast, child: Child, client_for: ClientFor, acting: Acting, by_script: bool
) -> None:
    episode = reports(acting, cast.officer, child=child)
    nurse, page = client_for(cast.nurse), f"/missing/{episode.reference}/picture"
    shown = " ".join(nurse.soup(page).get_text(" ").split())
    assert "desks of the police, but for your own, hear at once that something was added" in shown

    def adds(name: str, size: tuple[int, int]) -> str:
        sent = {"file": (BytesIO(picture(size=size)), name)}
        by = {"X-One-File": "1"} if by_script else {}
        answer = nurse.submit(page, sent, content_type="multipart/form-data", headers=by)
        assert answer.status_code == (200 if by_script else 303)
        said = answer.text if by_script else nurse.soup(answer.location).get_text(" ")
        return " ".join(said.split())

    words = adds("In her red coat.png", (40, 30))
    assert f"Told by e-mail now, and in the portal: {cast.police_other_team.name}" in words
    assert goes_out_at_once(rows, "missing_added")
    told = heard(rows, cast, "missing_added")
    assert {"police_other_team mail missing_added", "social_worker portal missing_news"} <= told
    assert not any(one.startswith(("stranger", "teacher", "nurse")) for one in told)
    number = rows.query(OutboxMessage).filter_by(event="missing_added").count()
    adds("The same.png", (40, 30))
    assert rows.query(OutboxMessage).filter_by(event="missing_added").count() == number, "it is there already"
    returns(acting, cast.officer, episode)
    assert "Told" not in adds("At home.png", (50, 30))
    assert rows.query(OutboxMessage).filter_by(event="missing_added").count() == number


@pytest.mark.parametrize("by_script", [False, True])
@time_machine.travel(SUNDAY, tick=False)
def test_of_pictures_that_were_chosen_at_once_whoever_looks_for_the_child_hears_once(
    rows: Session, cast: Cast, child: Child, client_for: ClientFor, acting: Acting, by_script: bool
) -> None:
    """A script sends them one by one, and says that they are of one sending."""
    episode = reports(acting, cast.officer, child=child)
    nurse, page = client_for(cast.nurse), f"/missing/{episode.reference}/picture"

    def adds(first: int, sending: str) -> None:
        files = [(BytesIO(picture(size=(first + more, 30))), f"{more}.png") for more in range(3)]
        for sent in [[one] for one in files] if by_script else [files]:
            by = {"X-One-File": sending} if by_script else {}
            nurse.submit(page, {"file": sent}, content_type="multipart/form-data", headers=by)

    def told() -> int:
        return len(mails(rows, "missing_added"))

    adds(40, "a" * 32)
    assert rows.query(Attachment).count() == 3
    assert told() == 1, "the desk"
    adds(50, "b" * 32)
    assert told() == 2, "what is added later they hear of again"
    other, also = client_for(cast.social_worker), {"X-One-File": "b" * 32}
    other.submit(
        page,
        {"file": (BytesIO(picture(size=(60, 30))), "x.png")},
        content_type="multipart/form-data",
        headers=also,
    )
    assert told() == 3, "what somebody else adds too, whatever they call it"
    for size in (70, 80):
        old = {"file": (BytesIO(picture(size=(size, 30))), "y.png")}
        nurse.submit(page, old, content_type="multipart/form-data", headers={"X-One-File": "1"})
    assert told() == 5, "a page from before says nothing of which belong together"


def test_of_a_picture_a_desk_that_recorded_the_report_hears_too_unless_somebody_of_it_adds_it(
    rows: Session, cast: Cast, child: Child, client_for: ClientFor, acting: Acting
) -> None:
    rows.get_one(Team, cast.police_team.id).desks = [Desk.MISSING]
    rows.commit()
    episode = reports(acting, cast.neighbour, name="Quillory Zvantongue")
    assert episode.recorded_team_id == cast.police_other_team.id

    def adds(person: User, width: int) -> None:
        sent = {"file": (BytesIO(picture(size=(width, 30))), "x.png")}
        page = f"/missing/{episode.reference}/picture"
        client_for(person).submit(page, sent, content_type="multipart/form-data")

    adds(cast.officer, 40)
    assert [one.recipient_team_id for one in mails(rows, "missing_added")] == [cast.police_other_team.id]
    adds(cast.neighbour, 50)
    told = {one.recipient_team_id for one in mails(rows, "missing_added")}
    assert told == {cast.police_other_team.id, cast.police_team.id}


@pytest.mark.parametrize(("facts", "before"), [({"grade": "low"}, "high"), ({"status": "away"}, None)])
def test_a_lower_grade_and_that_it_is_known_where_they_are_everybody_finds_who_was_told(
    rows: Session,
    cast: Cast,
    child: Child,
    case: Case,
    acting: Acting,
    facts: dict[str, str],
    before: str | None,
) -> None:
    episode = reports(acting, cast.nurse, child=child)
    rows.get_one(MissingEpisode, episode.id).grade = before
    rows.commit()
    today = clock.today().isoformat()
    away(rows, cast.social_worker, today, today, cover=case, by=cast.chair)
    with acting(cast.neighbour) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        said = {name: getattr(held, name) for name in CHANGED} | facts
        change_episode(actor=actor, episode=held, facts=said, version=held.version)
        words = page_words()
    assert "hears of it in the portal" in words
    assert "by e-mail" not in words, "no e-mail was written"
    told = heard(rows, cast, "missing_added")
    around = ("social_worker", "chair", "officer", "coordinator", "second_coordinator", "nurse")
    assert {f"{who} portal missing_news" for who in around} <= told
    assert not any(one.startswith(("stranger", "teacher", "neighbour")) or " mail " in one for one in told)


@time_machine.travel(SUNDAY, tick=False)
def test_that_a_child_held_closely_was_found_whoever_is_named_hears_at_once_and_the_desk_and_the_hub(
    rows: Session, cast: Cast, child: Child, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    hide(rows, case, by=cast.second_coordinator)
    name = f"{child.given_name} {child.family_name}"
    episode = reports(acting, cast.nurse, name=name, dob=child.dob)
    finds(acting, cast.nurse, episode)
    told = heard(rows, cast, "missing_found")
    assert "second_coordinator mail missing_found" in told
    assert {"police_other_team mail missing_found", "hub_team mail missing_found"} <= told
    assert not any(one.startswith(("stranger", "teacher", "officer")) for one in told)
    assert goes_out_at_once(rows, "missing_found")
    for person in (cast.teacher, cast.stranger):
        assert episode.reference not in client_for(person).get("/messages").text


@time_machine.travel(SUNDAY, tick=False)
@pytest.mark.parametrize("back", [False, True])
def test_saving_what_was_found_as_it_stands_is_no_news(
    rows: Session, cast: Cast, child: Child, acting: Acting, client_for: ClientFor, back: bool
) -> None:
    episode = reports(acting, cast.nurse, child=child)
    (returns if back else finds)(acting, cast.officer, episode)
    rows.rollback()
    before = rows.scalar(select(func.count()).select_from(OutboxMessage))
    version = rows.get_one(MissingEpisode, episode.id).version
    client, page = client_for(cast.officer), f"/missing/{episode.reference}"
    typed = fields_of(client.soup(f"{page}/found"), f"{page}/found")
    assert client.submit(f"{page}/found", typed).status_code == 303
    assert "nothing was changed, and nobody is told" in client.soup(page).get_text(" ", strip=True)
    rows.rollback()
    assert rows.scalar(select(func.count()).select_from(OutboxMessage)) == before
    assert rows.get_one(MissingEpisode, episode.id).version == version
    assert client.submit(f"{page}/found", typed | {"injuries": "A cut"}).status_code == 303
    rows.rollback()
    assert rows.get_one(MissingEpisode, episode.id).version == version + 1
    after = rows.scalar(select(func.count()).select_from(OutboxMessage))
    assert after is not None
    assert before is not None
    assert after > before or back, "of a child who is missing it is told"
