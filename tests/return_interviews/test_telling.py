"""Who is told that a return interview was completed, shared and corrected."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.model import CaseNews, OutboxMessage, Untold
from portal.messages.told import HIDDEN
from portal.records.cases.model import Case
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team, User
from portal.records.return_interviews.beginning import rules_of
from portal.records.return_interviews.ending import complete_interview, share_interview
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.presenter import facts
from portal.records.return_interviews.talking import save_words
from portal.records.return_interviews.vocabulary import InterviewReceiver
from portal.vocabulary import Desk, Sector, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.factories.people import make_agency, make_user
from tests.return_interviews.conftest import Acting, begun, held, kept, offered, steps
from tests.told import heard, of_event, page_words

ClientFor = Callable[[User], Client]
MAIL, BELL = "mail", "portal"


def written(acting: Acting, who: User, episode: MissingEpisode) -> ReturnInterview:
    """An interview that was held and written up, and can be completed."""
    interview = begun(acting, who, episode)
    offered(acting, who, interview)
    held(acting, who, interview)
    with acting(who) as actor:
        record = db.session.get_one(ReturnInterview, interview.id)
        save_words(actor=actor, interview=record, words={"where": "At the arcade"}, seen=record.version)
    return interview


def completes(acting: Acting, who: User, interview: ReturnInterview, *to: InterviewReceiver) -> None:
    steps(acting, who, interview, complete_interview, assessment_needed=False, receivers=to)


@pytest.fixture
def elsewhere(rows: Session, cast: Cast, episode: MissingEpisode) -> User:
    """A social worker of the authority where the child was found, who reads no case of the child."""
    city = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority="derby")
    found = rows.get_one(MissingEpisode, episode.id)
    found.responsible_authority, found.host_authority = "derbyshire", "derby"
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    return make_user(rows, city, "Elsa Elsewhere")


def test_whoever_leads_the_case_hears_and_who_works_on_it_finds_it_among_what_changed(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, acting: Acting
) -> None:
    interview = written(acting, cast.chair, episode)
    completes(acting, cast.chair, interview)
    assert of_event(rows, "interview_completed") == {(cast.social_worker.id, MAIL, "interview_shared")}
    for event in ("interview_step", "interview_completed"):
        assert "news" in heard(rows, cast, event)


def test_another_authority_tells_whoever_leads_the_case_and_the_front_door_and_names_neither(
    rows: Session, cast: Cast, elsewhere: User, episode: MissingEpisode, acting: Acting
) -> None:
    interview = written(acting, elsewhere, episode)
    with acting(elsewhere) as actor:
        record = db.session.get_one(ReturnInterview, interview.id)
        complete_interview(actor=actor, interview=record, assessment_needed=False, version=record.version)
        assert page_words().startswith(HIDDEN)
    found = of_event(rows, "interview_completed")
    assert {one for one in found if one[1] == MAIL} == {
        (cast.social_worker.id, MAIL, "interview_shared"),
        (cast.social_care_team.id, MAIL, "interview_shared"),
    }
    assert rows.query(CaseNews).count() == 0


def test_of_a_closely_held_case_whoever_leads_it_is_told(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, acting: Acting
) -> None:
    for person in (cast.social_worker, cast.chair):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    interview = written(acting, cast.chair, episode)
    completes(acting, cast.chair, interview)
    assert of_event(rows, "interview_completed") == {(cast.social_worker.id, MAIL, "interview_shared")}


NEEDED = {"assessment_needed": True, "assessment_words": "Older men wait there"}


def needed(client: Client, interview: ReturnInterview) -> str:
    """What the page says of the risk assessment."""
    page = client.soup(f"/return-interviews/{interview.reference}").get_text(" ", strip=True)
    return page.partition("Risk assessment to be looked at again ")[2].split("  ")[0]


def test_the_page_says_that_whoever_leads_the_case_was_asked_to_look_at_the_assessment(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    interview = written(acting, cast.social_worker, episode)
    steps(acting, cast.social_worker, interview, complete_interview, **NEEDED)
    assert needed(client_for(cast.social_worker), interview).startswith(
        "Yes, whoever leads the case was asked"
    )
    record = kept(rows, interview)
    said = facts(rules_of(record), record, reads_case=False)
    assert said[-1]["value"] == "Yes", "whoever reads no case does not learn here that there is one"


def test_the_page_says_that_the_hub_was_asked_where_there_is_no_case_to_ask_on(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    interview = written(acting, cast.social_worker, episode)
    closed = rows.get_one(Case, case.id)
    closed.state, closed.closed_at = "closed", clock.now()
    rows.commit()
    steps(acting, cast.social_worker, interview, complete_interview, **NEEDED)
    assert "hub" in kept(rows, interview).shared
    assert needed(client_for(cast.social_worker), interview).startswith("Yes, the hub was asked")


def test_it_is_shared_with_the_teams_that_know_the_child(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = written(acting, cast.social_worker, episode)
    completes(acting, cast.social_worker, interview, InterviewReceiver.POLICE)
    found = of_event(rows, "interview_shared")
    assert {one for one in found if one[1] == MAIL} == {(cast.police_team.id, MAIL, "interview_shared")}


@pytest.mark.parametrize(("harm", "at_once"), [("Marlo held him down", True), ("No.", False)])
def test_harm_that_a_child_told_of_goes_out_at_any_hour_also_to_the_missing_desk(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, harm: str, *, at_once: bool
) -> None:
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.commit()
    interview = written(acting, cast.social_care_manager, episode)
    steps(acting, cast.social_care_manager, interview, put_harm, harm=harm)
    completes(acting, cast.social_care_manager, interview, InterviewReceiver.POLICE)
    desks = {cast.police_team.id} | ({cast.police_other_team.id} if at_once else set())
    mails = {who for who, channel, _ in of_event(rows, "interview_shared") if channel == MAIL}
    assert mails == desks
    events = ("interview_shared", "interview_completed")
    of = select(OutboxMessage.urgent, OutboxMessage.recipient_id, OutboxMessage.recipient_team_id)
    found = rows.execute(of.where(OutboxMessage.event.in_(events), OutboxMessage.channel == MAIL)).all()
    assert {one.urgent for one in found} == {at_once}
    told = {one.recipient_id or one.recipient_team_id for one in found}
    assert cast.social_worker.id in told, "who leads the case"
    assert not told & {cast.stranger.id, cast.other_council_team.id, cast.school_team.id}


def put_harm(*, actor: Principal, interview: ReturnInterview, harm: str, version: int) -> None:
    """Write what the child said of being hurt."""
    save_words(actor=actor, interview=interview, words={"harm": harm}, seen=version)


def test_where_there_is_nobody_to_share_it_with_the_page_and_the_hub_know(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = written(acting, cast.social_worker, episode)
    completes(acting, cast.social_worker, interview)
    cast.police.active = False
    rows.commit()
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(ReturnInterview, interview.id)
        share_interview(actor=actor, interview=record, receivers=[InterviewReceiver.POLICE])
        assert "Not told: chosen service (there is nobody who may be told)." in page_words()
    rows.rollback()
    assert rows.query(Untold).one().ground == "chosen"


def test_whoever_was_told_of_it_hears_once_a_day_that_its_words_were_corrected(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = written(acting, cast.social_worker, episode)
    completes(acting, cast.social_worker, interview, InterviewReceiver.POLICE)
    for words in ("At the arcade by the river", "At the arcade by the canal"):
        version = kept(rows, interview).version
        with acting(cast.social_worker) as actor:
            record = db.session.get_one(ReturnInterview, interview.id)
            save_words(actor=actor, interview=record, words={"where": words}, seen=version)
    told = of_event(rows, "interview_corrected")
    assert told == {
        (who.id, BELL, "interview_shared") for who in (cast.officer, cast.colleague, cast.police_manager)
    }
