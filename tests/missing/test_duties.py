"""What an episode makes somebody owe: a return interview within 72 hours; after repeated ones a decision."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.pathway.calendar import at_local
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.deciding import ELSEWHERE, answer_prompt
from portal.records.missing.model import MissingChange, MissingEpisode, MissingPrompt
from portal.records.missing.rules import days_before
from portal.records.missing.steps import change_episode, record_prevention
from portal.records.missing.vocabulary import StrategyAnswer
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sensitivity
from portal.web.filters import moment
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.missing import make_episode
from tests.missing.conftest import Acting, reports, returns, said, withdraws
from tests.told import of_event


def interview(rows: Session, episode: MissingEpisode) -> Deadline:
    rows.rollback()
    return rows.scalars(
        select(Deadline).where(
            Deadline.subject_id == episode.id,
            Deadline.kind == "return_interview",
            Deadline.state != "superseded",
        )
    ).one()


def prompts(rows: Session) -> list[MissingPrompt]:
    rows.rollback()
    return list(rows.scalars(select(MissingPrompt).order_by(MissingPrompt.prompted_at)))


def back_of(rows: Session, case: Case, by: User, *days: int) -> list[MissingEpisode]:
    """Episodes so many days ago, each of which ended after two hours."""
    child = rows.get_one(Child, case.child_id)
    return [
        make_episode(
            rows,
            child,
            by,
            since=clock.now() - timedelta(days=ago, hours=3),
            returned_at=clock.now() - timedelta(days=ago, hours=1),
            how_found="police",
        )
        for ago in days
    ]


def decides(acting: Acting, person: User, answer: StrategyAnswer = StrategyAnswer.NOT_NEEDED) -> None:
    with acting(person) as actor:
        prompt = db.session.scalars(select(MissingPrompt).where(MissingPrompt.answered_at.is_(None))).one()
        words = "A meeting is on Thursday anyway"
        answer_prompt(actor=actor, prompt=prompt, answer=answer, words=words, called=ELSEWHERE)


@pytest.mark.parametrize(
    ("back", "due"),
    [
        (
            datetime(2026, 10, 24, 21, 0, tzinfo=UTC),
            "27 October 2026 at 9:00pm",
        ),  # 10pm by the clock, in summer
        (datetime(2026, 10, 23, 17, 30, tzinfo=UTC), "26 October 2026 at 5:30pm"),
    ],
)
def test_72_hours_run_on_through_a_weekend_and_a_change_of_the_clocks(
    rows: Session, cast: Cast, case: Case, acting: Acting, back: datetime, due: str
) -> None:
    episode = reports(
        acting,
        cast.officer,
        child=rows.get_one(Child, case.child_id),
        since=back - timedelta(hours=9),
    )
    returns(acting, cast.officer, episode, back)
    duty = interview(rows, episode)
    assert duty.due_at - back == timedelta(hours=72)
    assert moment(duty.due_at) == due
    assert duty.owner_team_id == cast.social_care_team.id


def test_a_corrected_return_moves_the_duty_and_a_withdrawn_episode_ends_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    episode = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    first = clock.now() - timedelta(hours=1)
    returns(acting, cast.officer, episode, first)
    returns(acting, cast.nurse, episode, first - timedelta(hours=1))
    duty = interview(rows, episode)
    assert duty.due_at == first + timedelta(hours=71)
    withdraws(acting, cast.officer, episode)
    assert interview(rows, episode).state == "cancelled"


def test_what_an_episode_said_stays_with_who_changed_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    episode = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    with acting(cast.social_worker) as actor:
        change_episode(
            actor=actor,
            episode=db.session.get_one(MissingEpisode, episode.id),
            facts=said(episode.missing_since, wearing="A red coat"),
            version=1,
        )
    change = rows.scalars(select(MissingChange)).one()
    assert change.before == {"wearing": "A green coat"}
    assert change.after == {"wearing": "A red coat"}
    assert (change.changed_by, change.changed_agency_id) == (cast.social_worker.id, cast.social_care.id)
    with acting(cast.officer) as actor, pytest.raises(Conflict):
        change_episode(
            actor=actor, episode=db.session.get_one(MissingEpisode, episode.id), facts=said(), version=1
        )


def test_the_police_record_their_talk_once_the_child_is_back(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    episode = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    at = clock.now() - timedelta(minutes=1)
    for who, refusal in ((cast.officer, DomainError), (cast.social_worker, Forbidden)):
        with acting(who) as actor:
            record = db.session.get_one(MissingEpisode, episode.id)
            with pytest.raises(refusal):
                record_prevention(actor=actor, episode=record, at=at, by="PC Marl", words="x", version=1)
    returns(acting, cast.social_worker, episode)
    with acting(cast.officer) as actor:
        record = db.session.get_one(MissingEpisode, episode.id)
        record_prevention(actor=actor, episode=record, at=at, by="PC Marl", words="x", version=2)
    rows.rollback()
    assert rows.get_one(MissingEpisode, episode.id).prevention_by == "PC Marl"


def test_a_third_episode_within_thirty_days_asks_for_a_decision(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    first, second = back_of(rows, case, cast.officer, 29, 9)
    third = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    prompt = prompts(rows)[0]
    assert prompt.episode_ids == [first.id, second.id, third.id]
    duty = rows.scalars(select(Deadline).where(Deadline.subject_id == prompt.id)).one()
    assert (duty.kind, duty.owner_team_id) == ("strategy_prompt", cast.social_care_team.id)


def test_not_when_they_lie_further_apart(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    back_of(rows, case, cast.officer, 31, 9)
    reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    assert not prompts(rows)


def test_the_question_falls_away_when_an_episode_was_none(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    back_of(rows, case, cast.officer, 29, 9)
    third = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    withdraws(acting, cast.officer, third)
    found = prompts(rows)[0]
    duty = rows.scalars(select(Deadline).where(Deadline.subject_id == found.id)).one()
    assert found.fell_away_at is not None
    assert duty.state == "cancelled"


def test_it_is_asked_once_for_the_same_episodes_and_again_when_there_is_another(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    child = rows.get_one(Child, case.child_id)
    back_of(rows, case, cast.officer, 20, 9)
    third = reports(acting, cast.officer, child=child, since=clock.now() - timedelta(days=3))
    returns(acting, cast.officer, third, clock.now() - timedelta(days=2))
    decides(acting, cast.social_worker)
    with acting(cast.officer) as actor:
        record = db.session.get_one(MissingEpisode, third.id)
        change_episode(actor=actor, episode=record, facts=said(record.missing_since), version=record.version)
    assert len(prompts(rows)) == 1
    assert (
        rows.scalar(select(func.count()).where(Deadline.kind == "strategy_prompt", Deadline.state == "open"))
        == 0
    )
    fourth = reports(acting, cast.officer, child=child)
    found = prompts(rows)
    assert len(found) == 2
    assert len(found[1].episode_ids) == 4
    returns(acting, cast.officer, fourth, clock.now() - timedelta(hours=2))
    reports(acting, cast.officer, child=child, since=clock.now() - timedelta(hours=1))
    assert [len(one.episode_ids) for one in prompts(rows)] == [3, 5]


def test_who_decides_and_that_it_is_said_why(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    back_of(rows, case, cast.officer, 20, 9)
    reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    for person in (cast.officer, cast.nurse):
        with pytest.raises(Forbidden):
            decides(acting, person)
    decides(acting, cast.coordinator, StrategyAnswer.MEETING)
    with pytest.raises(Exception, match="No row"):
        decides(acting, cast.social_worker)


def test_of_a_sealed_child_whoever_is_named_decides_and_the_reporter_sees_no_question(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    back_of(rows, case, cast.nurse, 20, 9)
    grant(rows, case, cast.chair, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    child = rows.get_one(Child, case.child_id)
    reports(acting, cast.officer, name=f"{child.given_name} {child.family_name}", dob=child.dob)
    prompt = prompts(rows)[0]
    duty = rows.scalars(select(Deadline).where(Deadline.subject_id == prompt.id)).one()
    assert duty.owner_id == cast.chair.id
    for who, sees in ((cast.officer, 0), (cast.coordinator, 0), (cast.chair, 1)):
        with asking(who) as session:
            assert len(session.scalars(select(MissingPrompt)).all()) == sees, who.name
            assert (
                len(session.scalars(select(Deadline).where(Deadline.kind == "strategy_prompt")).all()) == sees
            )


@pytest.mark.parametrize("days", [30, 90, 365])
@pytest.mark.parametrize("hour", range(0, 24, 5))
def test_days_are_counted_by_the_clock_on_the_wall(days: int, hour: int) -> None:
    """Across both changes of the clocks: the same time of day, and the moment itself is within."""
    for day in (date(2026, 4, 10), date(2026, 11, 3), date(2026, 4, 28), date(2026, 11, 24)):
        moment = at_local(day, time(hour, 30))
        before = days_before(moment, days)
        assert clock.local(before).replace(tzinfo=None) == datetime.combine(
            day - timedelta(days=days), time(hour, 30)
        )


def test_the_database_counts_days_as_pages_do(rows: Session) -> None:
    around = text(
        "select at, ctx.days_before(at, 30) from generate_series(cast(:first as timestamptz),"
        " cast(:last as timestamptz), interval '30 minutes') at"
    )
    for change in (datetime(2026, 4, 28, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)):
        span = {"first": change - timedelta(days=2), "last": change + timedelta(days=2)}
        for at, before in rows.execute(around, span):
            assert before == days_before(at, 30), at


def test_the_interview_goes_to_the_social_care_that_is_named_later_with_the_same_time_and_the_hub_hears_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.commit()
    nobody = {"responsible_authority": None, "host_authority": None}
    episode = reports(acting, cast.officer, name="Pellory Vantongue", **nobody)
    returns(acting, cast.officer, episode)
    before = interview(rows, episode)
    assert before.owner_agency_id == cast.hub.id
    due_at = before.due_at
    with acting(cast.officer) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        facts = said(held.missing_since, host_authority="derbyshire")
        change_episode(actor=actor, episode=held, facts=facts, version=held.version)
    after = interview(rows, episode)
    assert (after.owner_agency_id, after.due_at) == (cast.social_care.id, due_at)
    told = of_event(rows, "duty_handed_over", last_word=True)
    assert {who for who, _, _ in told} == {cast.coordinator.id, cast.second_coordinator.id}
    given = of_event(rows, "missing_interview_owed")
    assert (cast.social_care_team.id, "mail", "given") in given
    with acting(cast.officer) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        facts = said(held.missing_since, host_authority=None)
        change_episode(actor=actor, episode=held, facts=facts, version=held.version)
    assert interview(rows, episode).id == after.id, "whose it is stays"
