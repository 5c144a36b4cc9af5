"""What triggers keep for the policies: exact at every moment, also when several people write at once."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.model import new_id
from portal.records.cases.model import AccessGrant, Case, CaseScope, Involvement
from portal.records.children.model import Child, ChildRecord
from portal.records.disclosures.model import Disclosure, DisclosureChild
from portal.records.people.model import User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import CaseState, Sensitivity
from tests import database
from tests.access.test_reach import Asking, seen
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator, level="high")
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


def tell(rows: Session, cast: Cast, case: Case, person: User) -> None:
    found = Disclosure(
        id=new_id(),
        reference=f"DIS-{new_id()}",
        giver_id=cast.coordinator.id,
        giver_agency_id=cast.hub.id,
        receiver_agency_id=person.agency_id,
        receiver_id=person.id,
        decision="share",
        purpose="p",
        basis="b",
        reason="r",
        colour="green",
        decided_at=clock.now(),
    )
    rows.add(found)
    rows.flush()
    rows.add(DisclosureChild(disclosure_id=found.id, child_id=case.child_id))
    rows.commit()


def ask(rows: Session, cast: Cast, case: Case, person: User) -> None:
    rows.add(
        InformationRequest(
            id=new_id(),
            reference=f"REQ-{new_id()}",
            case_id=case.id,
            child_id=case.child_id,
            asked_agency_id=person.agency_id,
            asked_user_id=person.id,
            asked_by=cast.coordinator.id,
            asked_at=clock.now(),
            question="q",
            why="w",
            due_at=clock.now(),
        )
    )
    rows.commit()


def test_identity_outlasts_the_record_when_time_passes(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    tell(rows, cast, case, cast.nurse)
    ends = clock.now() + timedelta(seconds=1.2)
    grant(rows, case, cast.nurse, by=cast.coordinator, until=ends)
    assert (seen(asking, cast.nurse, Child), seen(asking, cast.nurse, ChildRecord)) == (1, 1)
    time.sleep(max(0.0, (ends - clock.now()).total_seconds()) + 0.05)
    assert (seen(asking, cast.nurse, Child), seen(asking, cast.nurse, ChildRecord)) == (1, 0)


def test_a_notice_tells_neither_level_nor_date(rows: Session, cast: Cast, case: Case, asking: Asking) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    with asking(cast.officer) as session:
        rank, due = session.execute(select(CaseScope.rank, CaseScope.due)).one()
    assert (rank, due.year) == (8, 9999)


def test_what_a_person_was_given_does_not_follow_them_to_another_agency(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    grant(rows, case, cast.nurse, by=cast.coordinator)
    tell(rows, cast, case, cast.nurse)
    ask(rows, cast, case, cast.nurse)
    shown = (Case, Child, Disclosure, InformationRequest)
    assert [seen(asking, cast.nurse, model) for model in shown] == [1, 1, 1, 1]
    cast.nurse.agency_id = cast.council.id
    rows.commit()
    assert [seen(asking, cast.nurse, model) for model in shown] == [0, 0, 0, 0]


def test_the_record_goes_with_the_case_that_is_held_most_closely(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    sealed = make_case(
        rows,
        rows.get_one(Child, case.child_id),
        lead=cast.health,
        opened_by=cast.coordinator,
        state=CaseState.CLOSED,
    )
    sealed.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for person in (cast.officer, cast.coordinator):
        assert (seen(asking, person, Child), seen(asking, person, ChildRecord)) == (1, 0)
    grant(rows, sealed, cast.nurse, by=cast.coordinator)
    assert (seen(asking, cast.nurse, Child), seen(asking, cast.nurse, ChildRecord)) == (1, 1)


THREADS, TIMES = 4, 40
_TRIES = 20


@pytest.mark.lock_timeouts
def test_nothing_drifts_when_several_write_at_once(rows: Session, cast: Cast, owner: Engine) -> None:
    cases = [
        make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator).id
        for _ in range(6)
    ]
    teams = [cast.police_team, cast.health_team, cast.council_team]
    people = [cast.nurse.id, cast.officer.id, cast.stranger.id]
    by = cast.coordinator.id

    def act(session: Session, dice: random.Random) -> None:
        for case_id in dice.sample(cases, 2):  # two cases in any order: sometimes a deadlock, tried again
            what = dice.randrange(5)
            if what == 0:
                team = dice.choice(teams)
                session.execute(
                    update(Involvement)
                    .where(
                        Involvement.case_id == case_id,
                        Involvement.team_id == team.id,
                        Involvement.ended_at.is_(None),
                    )
                    .values(ended_at=clock.now())
                )
                session.add(
                    Involvement(
                        id=new_id(),
                        case_id=case_id,
                        agency_id=team.agency_id,
                        team_id=team.id,
                        reason="x",
                        started_at=clock.now() - timedelta(minutes=1),
                        started_by=by,
                    )
                )
            elif what == 1:
                session.add(
                    AccessGrant(
                        id=new_id(),
                        case_id=case_id,
                        user_id=dice.choice(people),
                        kind="named",
                        reason="x",
                        starts_at=clock.now(),
                        granted_by=by,
                    )
                )
            elif what == 2:
                session.execute(
                    update(AccessGrant).where(AccessGrant.case_id == case_id).values(ends_at=clock.now())
                )
            elif what == 3:
                session.execute(update(Case).where(Case.id == case_id).values(sensitivity=dice.randrange(3)))
            else:
                due = clock.now() + timedelta(days=dice.randrange(9))
                session.execute(update(Deadline).where(Deadline.case_id == case_id).values(due_at=due))
            session.flush()

    def work(seed: int) -> int:
        dice, tried_again = random.Random(seed), 0  # noqa: S311 - chance, not secrecy
        for _ in range(TIMES):
            for _attempt in range(_TRIES):
                state = dice.getstate()
                try:
                    with database.owner_session(owner) as session:
                        act(session, dice)
                        session.commit()
                    break
                except (OperationalError, IntegrityError):  # a deadlock, or the other brought the team first
                    tried_again += 1
                    dice.setstate(state)
            else:
                raise AssertionError("a transaction was tried too often")
        return tried_again

    with ThreadPoolExecutor(THREADS) as pool:
        tried_again = sum(pool.map(work, range(THREADS)))
    rows.expire_all()
    written = rows.scalar(select(func.count()).select_from(AccessGrant)) or 0
    rows.execute(text("set local role portal_scope"))
    drift = rows.execute(text("select ctx.scope_drift()")).scalar_one()
    rows.rollback()
    assert written > 10
    assert drift == 0, f"{drift} cases or children drifted; {tried_again} transactions were tried again"
