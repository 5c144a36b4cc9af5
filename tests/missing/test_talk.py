"""What a child said to the police after coming back is read by its handling, as an entry is; with history."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingChange, MissingEpisode, PreventionTalk
from portal.records.missing.presenter.words import ALL_READ, WHO_HEARS
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_held_alert
from tests.factories.children import say
from tests.factories.missing import make_episode
from tests.missing.test_gives_away import ADDRESS
from tests.missing.test_pages import typed
from tests.told import heard

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
SAID = "He waits behind the skittle alley"
HEARS = {"officer", "neighbour", "coordinator", "social_worker", "nurse"}


@pytest.fixture
def episode(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """The child of a case is back."""
    back = {"returned_at": clock.now() - timedelta(hours=1)}
    return make_episode(rows, rows.get_one(Child, case.child_id), cast.officer, team=cast.police_team, **back)


def talk(rows: Session, episode: MissingEpisode, **said: Any) -> dict[str, Any]:
    rows.rollback()
    version = rows.get_one(MissingEpisode, episode.id, populate_existing=True).version
    at = typed("held_on", clock.now(), "held_at")
    return at | {"held_by": "PC Marl", "words": SAID, "handling": "network", "version": str(version)} | said


def page_of(episode: MissingEpisode) -> str:
    return f"/missing/{episode.reference}"


def readers(cast: Cast, client_for: Browser, episode: MissingEpisode) -> set[str]:
    asked = (*HEARS, "teacher", "stranger")
    return {who for who in asked if SAID in client_for(getattr(cast, who)).get(page_of(episode)).text}


def test_whoever_writes_it_down_says_who_reads_it(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: Browser
) -> None:
    page, officer = page_of(episode), client_for(cast.officer)
    form = officer.soup(f"{page}/prevention")
    before, box, _ = " ".join(form.get_text(" ").split()).partition("What did the child say")
    assert box
    assert ALL_READ in before
    assert WHO_HEARS in before
    assert form.find("input", attrs={"name": "handling", "checked": True}) is None, "nobody chose for them"
    silent = talk(rows, episode)
    del silent["handling"]
    refused = officer.submit(f"{page}/prevention", silent)
    assert (refused.status_code, "Choose who may read it" in refused.text) == (422, True)
    assert SAID in refused.text, "what was typed stays"
    assert officer.submit(f"{page}/prevention", talk(rows, episode)).status_code == 303
    assert readers(cast, client_for, episode) == HEARS
    narrower = talk(rows, episode, handling="agencies", agencies=[str(cast.social_care.id)])
    assert officer.submit(f"{page}/prevention", narrower).status_code == 303
    assert readers(cast, client_for, episode) == {"officer", "neighbour", "social_worker"}
    assert "Only Police, County social care" in officer.soup(page).get_text(" ", strip=True)
    assert officer.submit(f"{page}/prevention", talk(rows, episode, handling="own")).status_code == 303
    assert readers(cast, client_for, episode) == {"officer", "neighbour"}
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    assert readers(cast, client_for, episode) == {"officer"}, "whose team recorded the episode"


def test_of_a_closely_held_child_none_hears_but_who_reads_the_case_and_who_reported_it(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: Browser
) -> None:
    page = f"{page_of(episode)}/prevention"
    assert client_for(cast.officer).submit(page, talk(rows, episode)).status_code == 303
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    assert readers(cast, client_for, episode) == {"officer", "coordinator"}


def test_what_it_gives_away_is_held_back_as_what_else_stands_on_the_episode(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: Browser, asking: Asking
) -> None:
    """An officer on no case of the child is not asked (ADR 34). Whoever answers for the alert hears."""
    add_held_alert(rows, case, cast.social_care_manager)
    say(rows, rows.get_one(Child, case.child_id), cast.social_worker, ADDRESS, do_not_disclose=True)
    page, neighbour = page_of(episode), client_for(cast.neighbour)
    words = f"{SAID}, near {ADDRESS}"
    assert neighbour.submit(f"{page}/prevention", talk(rows, episode, words=words)).status_code == 303
    assert readers(cast, client_for, episode) == {"officer", "neighbour", "social_worker"}
    assert "social_care_manager mail missing_gives_away" in heard(rows, cast, "missing_gives_away")
    with asking(cast.nurse) as session:
        assert session.scalars(select(PreventionTalk.words)).all() == []
    with asking(cast.nurse) as session, pytest.raises(DBAPIError):
        session.execute(select(PreventionTalk.asked))
    assert neighbour.submit(f"{page}/prevention", talk(rows, episode)).status_code == 303
    assert readers(cast, client_for, episode) == HEARS, "what it says now gives nothing away"
    assert "Larkspur" not in client_for(cast.nurse).get(page).text, "nor does what it said before"
    assert "Larkspur" in client_for(cast.social_worker).get(page).text


def test_what_somebody_else_wrote_before_stays_held_back_when_whoever_works_with_the_child_corrects_it(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: Browser, asking: Asking
) -> None:
    add_held_alert(rows, case, cast.social_care_manager)
    say(rows, rows.get_one(Child, case.child_id), cast.social_worker, ADDRESS, do_not_disclose=True)
    page = page_of(episode)
    for person, words in ((cast.neighbour, f"{SAID}, near {ADDRESS}"), (cast.officer, SAID)):
        sent = client_for(person).submit(f"{page}/prevention", talk(rows, episode, words=words))
        assert sent.status_code == 303
    assert readers(cast, client_for, episode) == HEARS
    for person in (cast.nurse, cast.coordinator):
        assert "Larkspur" not in client_for(person).get(page).text, person.name
        with asking(person) as session:
            assert "Larkspur" not in str(
                [(one.before, one.after) for one in session.scalars(select(MissingChange))]
            )
    for person in (cast.neighbour, cast.officer, cast.social_worker):
        assert "Larkspur" in client_for(person).get(page).text, person.name


def test_what_whoever_works_with_the_child_lets_stand_is_read_by_all(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: Browser
) -> None:
    add_held_alert(rows, case, cast.social_care_manager)
    say(rows, rows.get_one(Child, case.child_id), cast.social_worker, ADDRESS, do_not_disclose=True)
    page, officer = f"{page_of(episode)}/prevention", client_for(cast.officer)
    words = f"{SAID}, near {ADDRESS}"
    assert "must not be disclosed" in officer.submit(page, talk(rows, episode, words=words)).text
    because = talk(rows, episode, words=words, held_because="All who work with her know")
    assert officer.submit(page, because).status_code == 303
    assert readers(cast, client_for, episode) == HEARS


def test_that_it_was_held_and_whom_to_ask_is_known_to_whoever_hears_of_the_child(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: Browser
) -> None:
    page = page_of(episode)
    sent = client_for(cast.officer).submit(f"{page}/prevention", talk(rows, episode, handling="own"))
    assert sent.status_code == 303
    for who in (cast.nurse, cast.social_worker, cast.coordinator):
        seen = client_for(who).soup(page).get_text(" ", strip=True)
        assert "PC Marl" in seen, who.name
        assert "Police says who reads what came of it. If you need it, ask them." in seen, who.name
        assert "Who may read what came of it" not in seen, who.name
    assert "ask them" not in client_for(cast.officer).soup(page).get_text(" ", strip=True)


def test_what_it_said_before_and_for_whom_it_was_is_read_by_whoever_reads_it(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: Browser, asking: Asking
) -> None:
    page, officer = page_of(episode), client_for(cast.officer)
    for said in ({}, {"words": "He hurts her", "handling": "own"}):
        assert officer.submit(f"{page}/prevention", talk(rows, episode, **said)).status_code == 303
    seen = officer.soup(page).get_text(" ", strip=True)
    assert f"What came of it: {SAID} → He hurts her" in seen
    assert "Who may read what came of it: Everyone who hears of the child → Only my agency" in seen
    for who in (cast.nurse, cast.coordinator, cast.social_worker):
        assert SAID not in client_for(who).get(page).text, who.name
        with asking(who) as session:
            kept = session.scalars(select(MissingChange)).all()
            assert kept, "that it was held, when and by whom"
            assert SAID not in str([(one.before, one.after) for one in kept])
            assert not session.scalars(select(PreventionTalk)).all()
    with asking(cast.stranger) as session:
        assert not session.scalars(select(MissingChange)).all()


def test_the_agency_that_held_it_alone_puts_it_right(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: Browser, asking: Asking
) -> None:
    page = f"{page_of(episode)}/prevention"
    assert client_for(cast.officer).submit(page, talk(rows, episode, handling="own")).status_code == 303
    for who in (cast.social_worker, cast.coordinator, cast.nurse):
        browser = client_for(who)
        assert browser.get(page).status_code == 403, who.name
        assert browser.submit(page, talk(rows, episode, words="Other")).status_code == 403, who.name
        assert browser.soup(page_of(episode)).find("a", href=page) is None, who.name
        with asking(who) as session:
            hidden = session.execute(update(PreventionTalk).values(words="Other", handling="network"))
            assert getattr(hidden, "rowcount", 0) == 0, who.name
        with asking(who) as session, pytest.raises(DBAPIError, match=r"corrects it|record their"):
            session.execute(update(MissingEpisode).values(prevention_by="Other"))
    assert client_for(cast.stranger).get(page).status_code == 404
    assert client_for(cast.police_manager).get(page_of(episode)).status_code == 200
    assert client_for(cast.officer).submit(page, talk(rows, episode, words="More")).status_code == 303


def test_nobody_writes_it_past_the_police_and_in_another_s_name(
    rows: Session, cast: Cast, episode: MissingEpisode, asking: Asking
) -> None:
    def row(who: User, **other: Any) -> dict[str, Any]:
        own = {"agency_id": who.agency_id, "recorded_by": who.id, "recorded_at": clock.now()}
        return (
            {"episode_id": episode.id, "words": "x", "handling": "own", "listed_agencies": []} | own | other
        )

    for who in (cast.nurse, cast.social_worker, cast.stranger, cast.governance):
        with asking(who) as session, pytest.raises(DBAPIError):
            session.execute(insert(PreventionTalk).inline(), row(who))
    for other in ({"agency_id": cast.social_care.id}, {"recorded_by": cast.nurse.id}):
        with asking(cast.officer) as session:
            session.execute(update(MissingEpisode).values(prevention_agency_id=cast.police.id))
            with pytest.raises(DBAPIError):
                session.execute(insert(PreventionTalk).inline(), row(cast.officer, **other))
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(MissingEpisode).values(prevention_words="for all"))


def test_of_two_at_once_the_second_is_shown_both(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: Browser
) -> None:
    page = f"{page_of(episode)}/prevention"
    first, second = talk(rows, episode, handling="own"), talk(rows, episode, words="Something else")
    assert client_for(cast.officer).submit(page, first).status_code == 303
    late = client_for(cast.police_manager).submit(page, second)
    assert late.status_code in {409, 422}
    assert SAID in late.text
    assert "Something else" in late.text
    assert "Only my agency" in late.text
