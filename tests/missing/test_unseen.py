"""Whoever reports a child learns by no statement of theirs whether somebody is told who knows it.

The statements run as the application, as whoever reported, in the transaction in which they tell and after
it; of a child whom nobody knows and of one of a sealed case with coordinators, a lead, a team and a second
report they read the same.
"""

import json
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject, Untold
from portal.messages.vocabulary import Event
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.missing import vocabulary
from portal.records.missing.model import MissingEpisode
from portal.records.missing.reporting import Who, report_missing
from portal.records.people.model import Team, User
from portal.vocabulary import Desk
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, involve
from tests.missing.conftest import BORN, Acting, reports, said
from tests.missing.test_reporting import NAME, hide, known

UNKNOWN = "Pellory Vantongue"
REPORTERS = ("teacher", "nurse", "social_care_manager", "coordinator")
#: Functions that find them. None is the application's to call.
FINDERS = (
    "ctx.around_missing(:child, null)",
    "ctx.unseen_of_missing(jsonb_build_object('asks', jsonb_build_object('episode', :episode)))",
    "ctx.on_unseen_grounds(jsonb_build_object('asks', jsonb_build_object('episode', :episode)))",
    "ctx.unseen_of_match(jsonb_build_object('subject', :episode))",
    "ctx.unseen_each_twice(jsonb_build_object('subject', :episode))",
    "ctx.unseen_of_twice(jsonb_build_object('subject', :episode))",
    "ctx.unseen_subjects(jsonb_build_object('subject', :episode))",
    "ctx.told_of_episode(:episode, array['missing_reported'])",
    "ctx.was_told(array['missing_reported'], 'missing_episode', :episode)",
    "ctx.works_with(:child, null)",
    "ctx.tell_unseen_of('{}')",
)


@pytest.fixture
def sealed(rows: Session, cast: Cast, acting: Acting) -> Case:
    """A case with people on every ground, reported by the police before and so told of."""
    rows.get_one(Team, cast.police_team.id).desks = [Desk.MISSING]
    case = known(rows, cast)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.neighbour)
    grant(rows, case, cast.community_safety, by=cast.coordinator)
    reports(acting, cast.officer, name=NAME)
    hide(rows, case, by=cast.second_coordinator)
    return case


def read(session: Session, rows: Session, episode: MissingEpisode) -> dict[str, Any]:
    """What statements as the reporter say that depends on who is told of an episode."""
    people = list(rows.scalars(select(User.id).order_by(User.id)))
    teams = list(rows.scalars(select(Team.id).order_by(Team.id)))
    events = [one.code for one in vars(vocabulary).values() if isinstance(one, Event)]
    of = {"episode": episode.id, "people": people, "teams": teams, "today": clock.today(), "events": events}
    heard = "select user_id, team_id from ctx.heard_of(:events, 'missing_episode', :episode) order by 1, 2"
    in_the_way = (
        "select id, obstacle, otherwise from ctx.my_obstacles('missing_episode', :episode, null, :people,"
        " cast(:teams as uuid[]), :today) order by 1"
    )
    kinds = select(OutboxMessage.kind, func.count()).group_by(OutboxMessage.kind).order_by(OutboxMessage.kind)
    about = select(func.count()).select_from(OutboxSubject).where(OutboxSubject.subject_id == episode.id)
    return {
        "heard": session.execute(text(heard), of).all(),
        "in the way": session.execute(text(in_the_way), of).all(),
        "about it": session.scalar(about),
        "caused": session.execute(kinds.where(OutboxMessage.caused_by == episode.recorded_by)).all(),
        "untold": session.scalars(select(Untold.ground).where(Untold.subject_id == episode.id)).all(),
        "tells": session.scalar(text("select ctx.tell_unseen(cast(:p as jsonb))"), {"p": parts(episode)}),
    }


def parts(episode: MissingEpisode) -> str:
    """What a hostile statement asks to be told of."""
    way = {"kind": "missing_reported", "channel": "mail", "urgent": True, "at": clock.now().isoformat()}
    rows = [{"ground": ground, "no_sight": True, "statutory": True, **way} for ground in ("reader", "worker")]
    what = {"event": "missing_reported", "kind": "missing_episode", "subject": str(episode.id), "once": "x"}
    now = {"now": clock.now().isoformat(), "today": clock.today().isoformat(), "reference": episode.reference}
    none: dict[str, Any] = {"given": [], "seen": [], "teams": [], "but": [], "roles": []}
    return json.dumps(
        what | now | none | {"rows": rows, "asks": {"of": "missing", "episode": str(episode.id)}}
    )


@pytest.mark.parametrize("who", REPORTERS)
def test_a_statement_as_the_reporter_reads_the_same_of_a_sealed_child_and_of_one_whom_nobody_knows(
    rows: Session, cast: Cast, acting: Acting, asking: Asking, sealed: Case, who: str
) -> None:
    reporter = getattr(cast, who)
    found = {}
    for name in (UNKNOWN, NAME):
        episode = reports(acting, reporter, name=name)
        with asking(reporter) as session:
            found[name] = read(session, rows, episode)
            session.rollback()
    told = select(OutboxMessage.recipient_id).join(
        OutboxSubject, OutboxSubject.message_id == OutboxMessage.id
    )
    hidden = set(rows.scalars(told.where(OutboxSubject.subject_id == episode.id)))
    assert cast.second_coordinator.id in hidden, "there is somebody whom they could learn of"
    of_unknown, of_sealed = found[UNKNOWN], found[NAME]
    assert of_sealed.pop("caused") == [(kind, 2 * many) for kind, many in of_unknown.pop("caused")]
    assert of_sealed == of_unknown
    assert of_sealed["tells"] in (None, "")


@pytest.mark.parametrize("who", REPORTERS)
def test_nor_in_the_transaction_in_which_they_tell(
    rows: Session, cast: Cast, acting: Acting, sealed: Case, who: str
) -> None:
    found = []
    for name in (UNKNOWN, NAME):
        with acting(getattr(cast, who)):
            db.session.rollback()
        found.append(_within(acting, getattr(cast, who), rows, name))
    assert found[0] == found[1]


def _within(acting: Acting, reporter: User, rows: Session, name: str) -> dict[str, Any]:
    with acting(reporter) as actor:
        given, _, family = name.partition(" ")
        child = Who(given_name=given, family_name=family, dob=BORN)
        episode = report_missing(actor=actor, who=child, facts=said(), once=new_id())
        result = read(db.session(), rows, episode)
        db.session.rollback()
    return result


@pytest.mark.parametrize("finder", FINDERS)
def test_what_finds_them_is_not_for_the_application_to_call(
    cast: Cast, acting: Acting, asking: Asking, sealed: Case, finder: str
) -> None:
    episode = reports(acting, cast.teacher, name=NAME)
    with asking(cast.teacher) as session, pytest.raises(DBAPIError, match="permission denied for function"):
        session.execute(
            text(f"select * from {finder}"),  # noqa: S608 - functions of ours
            {"episode": episode.id, "child": episode.child_id},
        )


def test_nobody_finds_out_by_the_key_of_a_message_whether_it_is_there(
    rows: Session, cast: Cast, acting: Acting, asking: Asking, sealed: Case
) -> None:
    episode = reports(acting, cast.teacher, name=NAME)
    plain = f"missing_reported:missing_episode:{episode.id}::{cast.second_coordinator.id}"
    assert rows.scalar(select(OutboxMessage.id).where(OutboxMessage.key == f"unseen.{plain}"))
    with asking(cast.teacher) as session:
        for kind, key in (
            ("missing_reported", f"unseen.{plain}"),
            ("unseen.missing_reported", f"unseen.{plain}"),
        ):
            with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
                session.execute(_message(cast, key, kind))
        written = _message(cast, plain, "missing_reported").execution_options(preserve_rowcount=True)
        assert session.connection().execute(written).rowcount == 1


def _message(cast: Cast, key: str, kind: str) -> Any:
    now = clock.now()
    return (
        insert(OutboxMessage)
        .values(
            id=new_id(),
            key=key,
            kind=kind,
            channel="mail",
            recipient_id=cast.second_coordinator.id,
            agency_id=cast.second_coordinator.agency_id,
            caused_by=cast.teacher.id,
            created_at=now,
            not_before=now,
            next_try_at=now,
            state="owed",
        )
        .on_conflict_do_nothing()
    )
