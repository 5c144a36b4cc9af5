"""A report that spells a known child otherwise makes no second child without asking who may see both."""

from datetime import UTC, date, datetime, timedelta
from difflib import unified_diff

import pytest
import time_machine
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock, policy
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink, ChildRecord, NameKey
from portal.records.children.rules import Facts, child_keys
from portal.records.missing.model import MissingEpisode, MissingMatch
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import involve, make_child
from tests.factories.missing import make_episode
from tests.missing.conftest import BORN, Acting, reports
from tests.missing.test_guessing import NAME, NUMBER, read
from tests.missing.test_guessing import known as known_by_name
from tests.missing.test_pages import ClientFor, reported
from tests.told import of_event

#: As htmx asks while somebody types.
AS_TYPED = {"HX-Request": "true", "HX-Target": "known-children"}

MISSPELT = "Yarowmir Quentelby"


def known(rows: Session, cast: Cast, sensitivity: Sensitivity) -> Case:
    """A known child with what names are found by."""
    case = known_by_name(rows, cast, sensitivity)
    find_by_name(rows, rows.get_one(Child, case.child_id))
    return case


def find_by_name(rows: Session, child: Child) -> None:
    """Let a child be found by name, as services do who write one."""
    keys = child_keys(
        Facts(
            names=(f"{child.given_name} {child.family_name}",), born=child.dob, nhs_number=child.nhs_number
        ),
        policy.current_policy().names,
    )
    rows.add_all(NameKey(child_id=child.id, key=key, from_alias=False) for key in keys)
    rows.commit()


def questions(rows: Session) -> list[MissingMatch]:
    rows.rollback()
    rows.expire_all()
    return list(rows.scalars(select(MissingMatch)))


@pytest.mark.parametrize("sensitivity", list(Sensitivity))
def test_a_misspelt_name_of_a_known_child_is_asked_of_who_may_see_both(
    rows: Session, cast: Cast, acting: Acting, asking: Asking, sensitivity: Sensitivity
) -> None:
    case = known(rows, cast, sensitivity)
    episode = reports(acting, cast.teacher, name=MISSPELT)
    asked = questions(rows)
    assert [(one.child_id, one.other_id) for one in asked] == [(episode.child_id, case.child_id)]
    sealed = sensitivity is Sensitivity.SEALED
    for person, sees in (
        (cast.coordinator, True),
        (cast.second_coordinator, not sealed),
        (cast.teacher, False),
        (cast.officer, False),
        (cast.nurse, False),
        (cast.stranger, False),
        (cast.governance, False),
        (cast.administrator, False),
    ):
        with asking(person) as session:
            assert bool(session.scalars(select(MissingMatch)).all()) is sees, person.name


@pytest.mark.parametrize("sensitivity", list(Sensitivity))
def test_coordinators_who_see_both_hear_of_the_question_and_nobody_else(
    rows: Session, cast: Cast, acting: Acting, sensitivity: Sensitivity
) -> None:
    known(rows, cast, sensitivity)
    reports(acting, cast.teacher, name="Ossiwen Thrapstonby")
    assert of_event(rows, "missing_match") == set()
    reports(acting, cast.teacher, name=MISSPELT)
    told = of_event(rows, "missing_match")
    if sensitivity is Sensitivity.SEALED:
        assert told == {(cast.coordinator.id, "mail", "missing_match")}
    else:
        assert (cast.hub_team.id, "mail", "missing_match") in told
        assert {how for who, how, _ in told if who != cast.hub_team.id} == {"portal"}
        assert {who for who, _, _ in told} >= {cast.coordinator.id, cast.second_coordinator.id}


def test_another_child_or_a_twin_is_not_asked_about(rows: Session, cast: Cast, acting: Acting) -> None:
    known(rows, cast, Sensitivity.NORMAL)
    reports(acting, cast.teacher, name="Ossiwen Thrapstonby")
    reports(acting, cast.teacher, name="Ellorin Quenthelby")
    assert questions(rows) == []


@pytest.mark.parametrize(
    ("name", "born", "asked"),
    [
        ("Yarromir Quenthelby", BORN, True),
        (MISSPELT, BORN, True),
        ("Yarrowmir Quenhtelby", BORN, True),  # a slip by which one name sounds otherwise
        ("Yaz Quenthelby", BORN, True),  # as the child is called
        ("Yarrowmir Quenthelby", BORN.replace(year=2012), True),
        ("Yarrowmir Quenthelby", BORN.replace(year=2008), True),  # wrong in one part
        ("Yarrowmir Quenthelby", BORN.replace(day=23), True),
        ("Yarrowmir Quenthelby", BORN.replace(month=11), True),
        ("Quenthelby Yarrowmir", BORN.replace(month=BORN.day, day=BORN.month), True),  # swapped
        ("Yarrowmir Quenthelby", date(2008, 1, 1), True),  # one child alone is known by this name
        (MISSPELT, date(2008, 1, 1), False),
        ("Yaz Quenthelby", BORN.replace(month=11), False),
        ("Yarrowmir Thrapstonby", BORN.replace(year=2008), False),
        (MISSPELT, None, True),
    ],
)
def test_which_names_and_dates_of_birth_may_mean_a_known_child(
    rows: Session, cast: Cast, acting: Acting, name: str, born: date | None, asked: bool
) -> None:
    known(rows, cast, Sensitivity.NORMAL)
    reports(acting, cast.teacher, name=name, dob=born)
    assert bool(questions(rows)) is asked


def test_an_estimate_of_when_a_child_was_born_may_mean_any_date_that_is_near(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    for year, is_estimate in ((2009, True), (2015, True), (2010, False)):
        child = make_child(rows, "Ali", "Mohammed", dob=date(year, 6, 15))
        child.dob_is_estimate = is_estimate
        rows.commit()
        find_by_name(rows, child)
    reports(acting, cast.teacher, name="Ali Mohammed", dob=date(2011, 2, 20))
    near = {rows.get_one(Child, one.other_id).dob for one in questions(rows)}
    assert near == {date(2009, 6, 15)}


def test_a_name_that_many_have_does_not_flood_the_hub(rows: Session, cast: Cast, acting: Acting) -> None:
    """Sixty known children of one name, born over eighteen years; twenty more are reported missing."""
    first = date(2009, 1, 1)
    for n in range(60):
        child = make_child(rows, "Ali", "Mohammed", dob=first + timedelta(days=109 * n))
        find_by_name(rows, child)
    for n in range(20):
        reports(acting, cast.teacher, name="Ali Mohammed", dob=first + timedelta(days=301 * n + 50))
    asked = questions(rows)
    for one in asked:
        there = rows.get_one(MissingEpisode, one.episode_id).reported_dob
        here = rows.get_one(Child, one.other_id).dob
        assert there is not None
        assert here is not None
        alike = there.year == here.year, there.month == here.month, there.day == here.day
        assert sum(alike) >= 2 or abs((there - here).days) == 1, (there, here)
    assert len(asked) <= 20, "less than one for each report"


def test_the_same_child_takes_the_episode_over_and_the_reporter_sees_no_difference(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = known(rows, cast, Sensitivity.SEALED)
    episode = reports(acting, cast.teacher, name=MISSPELT)
    page, teacher = f"/missing/{episode.reference}", client_for(cast.teacher)
    before = read(teacher.get(page).text)
    coordinator = client_for(cast.coordinator)
    assert MISSPELT in coordinator.soup("/missing").get_text()
    said = {"same": "yes", "words": "The same mother rang", "told": "y"}
    assert coordinator.submit(f"{page}/same-child", said).status_code == 303
    rows.rollback()
    assert rows.get_one(MissingEpisode, episode.id, populate_existing=True).child_id == case.child_id
    (asked,) = questions(rows)
    assert (asked.same, asked.answered_by) == (True, cast.coordinator.id)
    assert "The same mother rang" in coordinator.soup(page).get_text()
    assert rows.scalars(select(ChildLink)).one()
    after = read(teacher.get(page).text)
    assert not list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))
    assert coordinator.get(f"{page}/same-child").status_code == 303, "it is answered"


@time_machine.travel(datetime(2027, 11, 25, 2, 0, tzinfo=UTC), tick=False)
def test_the_page_says_of_those_it_does_not_name_that_they_are_mailed_at_once(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = known(rows, cast, Sensitivity.NORMAL)
    case.lead_professional_id = cast.social_worker.id
    rows.commit()
    episode = reports(acting, cast.teacher, name=MISSPELT)
    page, client = f"/missing/{episode.reference}", client_for(cast.coordinator)
    said = {"same": "yes", "words": "The same mother rang"}
    answer = client.submit(f"{page}/same-child", said)
    words = client.soup(answer.headers["Location"]).get_text(" ", strip=True)
    assert "hears of it by e-mail now, and in the portal, also if they are named here" in words
    mailed = select(OutboxMessage.not_before).filter_by(event="missing_moved_now", channel="mail")
    assert set(rows.scalars(mailed)) == {clock.now()}
    assert cast.social_worker.id in {
        who for who, how, _ in of_event(rows, "missing_moved_now", last_word=None)
    }


@pytest.mark.parametrize("sensitivity", [Sensitivity.NORMAL, Sensitivity.RESTRICTED])
def test_who_looks_for_the_child_is_told_in_words_that_it_is_known_and_nobody_who_may_not_know(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, sensitivity: Sensitivity
) -> None:
    known(rows, cast, sensitivity)
    episode = reports(acting, cast.teacher, name=MISSPELT)
    page = f"/missing/{episode.reference}"
    words = "The portal knows this child as"
    assert words not in client_for(cast.neighbour).soup(page).get_text(), "nobody has answered"
    said = {"same": "yes", "words": "The same mother rang", "told": "y"}
    assert client_for(cast.coordinator).submit(f"{page}/same-child", said).status_code == 303
    desk = client_for(cast.neighbour).get(page)
    if sensitivity is Sensitivity.NORMAL:
        text = client_for(cast.neighbour).soup(page).get_text(" ", strip=True)
        assert f"Reported as {MISSPELT}, " in text
        assert f"{words} {NAME}, " in text
    else:
        assert words not in desk.text
    for person in (cast.teacher, cast.stranger, cast.community_safety):
        assert words not in client_for(person).get(page).text, person.name


def test_another_child_stays_where_it_is(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    known(rows, cast, Sensitivity.NORMAL)
    episode = reports(acting, cast.teacher, name=MISSPELT)
    client, page = client_for(cast.coordinator), f"/missing/{episode.reference}/same-child"
    assert client.submit(page, {"same": "", "words": ""}).status_code == 422
    assert client.submit(page, {"same": "no", "words": "A cousin"}).status_code == 303
    (asked,) = questions(rows)
    assert asked.same is False
    assert rows.get_one(MissingEpisode, episode.id).child_id == episode.child_id


def test_whoever_answers_second_reads_who_answered_and_how_where_they_may_see_both(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    known(rows, cast, Sensitivity.NORMAL)
    episode = reports(acting, cast.teacher, name=MISSPELT)
    page = f"/missing/{episode.reference}/same-child"
    client_for(cast.coordinator).submit(page, {"same": "yes", "words": "Her mother says so"})
    client = client_for(cast.second_coordinator)
    second = client.submit(page, {"same": "no", "words": "Another"}, follow_redirects=True)
    assert f"{cast.coordinator.name}, {cast.hub.name}, has answered on " in second.text
    assert "it is the same child" in second.text
    assert client_for(cast.teacher).get(page).status_code in (403, 404)
    assert client_for(cast.stranger).get(page).status_code in (403, 404)


def test_known_children_that_the_reporter_may_know_of_are_offered(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    sent = reported(given_name="Ada", family_name="Fictional") | {
        "dob-day": "",
        "dob-month": "",
        "dob-year": "",
    }
    child = rows.get_one(Child, case.child_id)
    find_by_name(rows, child)
    rows.get_one(ChildRecord, child.id).responsible_authority = "derby"
    rows.commit()
    sent |= {"responsible": ""}
    shown = client.submit("/missing/report/known", sent, headers=AS_TYPED)
    assert child.reference in shown.text
    answer = client.submit("/missing/report", sent)
    assert answer.status_code == 422
    page = client.page_of(answer)
    assert "Choose whether it is one of these children" in page.get_text()
    assert "A green coat" in page.get_text(), "nothing is lost"
    assert client.submit("/missing/report", sent | {"whom": child.reference}).status_code == 303
    episode = rows.scalars(select(MissingEpisode)).one()
    assert episode.child_id == child.id
    assert episode.responsible_authority == "derby", "as the record of the child says"


def test_a_choice_among_those_who_fitted_another_name_is_asked_for_again_and_a_number_is_enough(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client, child = client_for(cast.officer), rows.get_one(Child, case.child_id)
    child.nhs_number = NUMBER
    rows.commit()
    find_by_name(rows, child)
    sent = reported(given_name="Ossiwen", family_name="Thrapstonby", whom=child.reference)
    assert client.submit("/missing/report", sent).status_code == 303
    rows.rollback()
    assert rows.scalars(select(MissingEpisode)).one().child_id != child.id, "it fits no more"
    sent = reported(given_name="", family_name="", nhs_number=NUMBER)
    answer = client.submit("/missing/report", sent)
    assert answer.status_code == 422
    assert child.reference in answer.text
    assert client.submit("/missing/report", sent | {"whom": child.reference}).status_code == 303
    rows.rollback()
    assert [one.child_id for one in rows.scalars(select(MissingEpisode))].count(child.id) == 1


def test_none_of_them_is_another_child_and_the_hub_is_asked_all_the_same(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    find_by_name(rows, rows.get_one(Child, case.child_id))
    born = {"dob-day": "4", "dob-month": "5", "dob-year": "2012"}
    sent = reported(given_name="Ada", family_name="Fictionall") | born
    client = client_for(cast.officer)
    assert client.submit("/missing/report", sent).status_code == 422, "the child is offered"
    assert client.submit("/missing/report", sent | {"whom": "nobody"}).status_code == 303
    (asked,) = questions(rows)
    made = rows.scalars(select(MissingEpisode)).one()
    assert made.child_id != case.child_id
    assert {asked.child_id, asked.other_id} == {made.child_id, case.child_id}
    assert asked.answered_at is None
    told = of_event(rows, "missing_match")
    assert (cast.hub_team.id, "mail", "missing_match") in told
    assert not {who for who, _, _ in told} & {cast.officer.id, cast.colleague.id, cast.stranger.id}


@pytest.mark.parametrize("sensitivity", list(Sensitivity))
def test_what_is_offered_tells_nothing_of_a_child_whom_the_reporter_may_not_know(
    rows: Session, cast: Cast, client_for: ClientFor, sensitivity: Sensitivity
) -> None:
    given, family = NAME.split()
    sent = reported(given_name=given, family_name=family)
    client = client_for(cast.teacher)
    unknown = client.submit("/missing/report/known", sent, headers=AS_TYPED).text
    known(rows, cast, sensitivity)
    assert client.submit("/missing/report/known", sent, headers=AS_TYPED).text == unknown


def test_the_database_moves_nothing_for_who_does_not_see_both(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    episode = make_episode(rows, rows.get_one(Child, case.child_id), cast.officer)
    other = make_child(rows, "Sorrelby", "Thackeroy")
    moved = select(func.ctx.move_episode(episode.id, other.id, "x"))
    for person in (
        cast.nurse,
        cast.officer,
        cast.stranger,
        cast.teacher,
        cast.governance,
        cast.administrator,
    ):
        with asking(person) as session, pytest.raises(DBAPIError, match="sees the records of both"):
            session.execute(moved)


def test_nobody_writes_a_question_or_an_answer_in_another_name(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    known(rows, cast, Sensitivity.NORMAL)
    reports(acting, cast.teacher, name=MISSPELT)
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text("insert into missing_match select * from missing_match"))
    own = {"answered_by": cast.coordinator.id, "answered_agency_id": cast.hub.id, "answered_at": clock.now()}
    for wrong in ({"same": True}, {"same": False, "answered_by": cast.second_coordinator.id}):
        with asking(cast.coordinator) as session, pytest.raises(DBAPIError):
            session.execute(update(MissingMatch).values(**own | {"words": "x"} | wrong))
    for person in (cast.teacher, cast.stranger, cast.officer):
        mine = own | {"answered_by": person.id, "answered_agency_id": person.agency_id}
        with asking(person) as session:
            assert session.execute(update(MissingMatch).values(same=False, words="x", **mine)).rowcount == 0  # type: ignore[attr-defined]  # of an update


def test_where_it_is_not_certain_who_is_missing_the_page_says_that_the_hub_is_asked_first(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    """The page says so of every child: of one that nobody knew too."""
    case = known(rows, cast, Sensitivity.NORMAL)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    client = client_for(cast.teacher)
    heard = []
    for name in ("Pellory Vantongue", MISSPELT, NAME):
        sent = reported() | dict(zip(("given_name", "family_name"), name.split(), strict=True))
        words = client.soup(client.submit("/missing/report", sent).location).get_text()
        assert "say for certain who it is. Where they nearly do, the hub is asked first." in words
        told = {one[0] for one in of_event(rows, "missing_reported", last_word=None)}
        heard.append((cast.nurse.id in told, bool(questions(rows))))
    assert heard == [(False, False), (False, True), (True, True)], "told of the one that is certain"
