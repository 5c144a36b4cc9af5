"""Builds a random world from a seed, and lets things happen in it."""

import random
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.records.cases.model import AccessGrant, Involvement
from portal.records.disclosures.model import Disclosure
from portal.records.referrals.model import ReferralChild
from portal.records.requests.model import InformationRequest
from portal.vocabulary import CaseState, ReferralState
from tests.access.oracle import (
    attached,
    beside,
    by_hand,
    content,
    emptied,
    endings,
    graded,
    happenings,
    moments,
    ordered,
    painting,
    panels,
    planning,
    plans,
    records,
    referred,
    watched,
)
from tests.access.oracle.world import World, make_children, make_people, open_sessions

CHILDREN, FORMS, TELLINGS, QUESTIONS, MEETINGS, MESSAGES = 9, 20, 24, 24, 20, 40
WRITING_TAKES = timedelta(seconds=4)  # at most; what ends soon ends after it


def build(rows: Session, seed: int, size: int = 1) -> World:
    """A world of `size` times the usual number of children, cases and forms.

    What ends soon must not have ended before all of it is written: on a busy machine it is written again,
    to end later.
    """
    for patience in (1, 2, 4, 8):
        world = World(random.Random(seed), rows, clock.now() + patience * size * WRITING_TAKES)  # noqa: S311 - chance, not secrecy
        _write(world, size)
        if rows.execute(text("select clock_timestamp()")).scalar_one() < world.soon:
            rows.commit()
            return world
        rows.rollback()
    raise TimeoutError("the machine is too busy to write a world")


def _write(world: World, size: int) -> None:
    make_people(world)
    open_sessions(world)
    make_children(world, CHILDREN * size)
    for child in world.children:
        if world.chance(0.4):
            content.make_case(world, child, CaseState.CLOSED)
        if world.chance(0.8):
            content.make_case(world, child, CaseState.AWAITING_ASSESSMENT)
    police = [person for person in world.users if person.agency_id == world.agencies[1].id]
    for n in range(FORMS * size):
        state = ReferralState.DRAFT if n % 3 == 0 else world.any(tuple(ReferralState))
        referred.make_referral(world, state, (world.users, world.coordinators, police, world.users)[n % 4])
    for _ in range(TELLINGS * size):
        content.disclose(world)
    for _ in range(QUESTIONS * size):
        content.ask(world)
    for _ in range(MEETINGS * size):
        happenings.meet(world)
    for _ in range(MESSAGES * size):
        happenings.tell(world)
    content.keep_about_people(world)
    happenings.keep_about_work(world)
    happenings.tell_teams(world)
    happenings.take_copies(world)
    plans.plan_safety(world)
    plans.move_due_dates(world)
    attached.attach(world)
    records.record_meetings(world)
    content.cite(world)
    for case in world.cases:
        planning.plan(world, case)
    records.hear_of_actions(world)
    for _ in range(MESSAGES * size // 4):
        happenings.tell(world, "action")
    endings.ask_for_ends(world)
    for _ in range(MESSAGES * size // 4):
        happenings.tell(world, "minutes_issue")
    painting.paint(world)
    for n in range(MESSAGES * size // 2):
        happenings.tell(world, painting.TOLD_OF[n % len(painting.TOLD_OF)])
    graded.grade(world)
    moments.mark(world)
    planning.act_on_concerns(world)
    ordered.order(world)
    beside.run_beside(world)
    by_hand.owe(world)
    watched.watch(world)
    happenings.say_what_changed(world)
    panels.sit(world, tell=MESSAGES * size // 4)
    happenings.ask_for_documents(world)
    happenings.tell_unseen(world)
    emptied.empty(world)


def happen(world: World, times: int) -> None:
    """Let random things happen, each as one transaction."""
    deeds: tuple[Callable[[World], None], ...] = (
        _end_involvement,
        _add_involvement,
        _give,
        _take,
        _hold_otherwise,
        _reopen_or_close,
        _withdraw_telling,
        _withdraw_question,
        _tell,
        _ask,
        _match,
        _unmatch,
        _move,
        _leave,
        _finish_duty,
        happenings.meet_anew,
        happenings.happen_to_meetings,
        happenings.happen_to_meetings,
        planning.happen_to_actions,
        painting.happen_to_picture,
    )
    world.soon = clock.now() + WRITING_TAKES
    for _ in range(times):
        world.any(deeds)(world)
        world.rows.commit()


def _end_involvement(world: World) -> None:
    found = world.rows.query(Involvement).order_by(Involvement.id).all()
    if found:
        world.any(found).ended_at = world.any((world.now, world.soon))


def _add_involvement(world: World) -> None:
    case, team = world.any(world.cases), world.any(world.teams)
    if not world.rows.query(Involvement).filter_by(case_id=case.id, team_id=team.id, ended_at=None).count():
        content.involve(world, case, team)


def _give(world: World) -> None:
    content.give(world, world.any(world.cases), world.any(world.users))


def _take(world: World) -> None:
    found = world.rows.query(AccessGrant).order_by(AccessGrant.id).all()
    if found:
        world.any(found).ends_at = world.any((world.now, world.soon))


def _hold_otherwise(world: World) -> None:
    world.any(world.cases).sensitivity = world.any((0, 1, 2))


def _reopen_or_close(world: World) -> None:
    case = world.any([c for c in world.cases if c.state == CaseState.AWAITING_ASSESSMENT] or world.cases)
    if case.state == CaseState.AWAITING_ASSESSMENT:
        case.state = CaseState.CLOSED


def _withdraw_telling(world: World) -> None:
    world.any(world.rows.query(Disclosure).order_by(Disclosure.id).all()).withdrawn_at = world.now


def _withdraw_question(world: World) -> None:
    found = world.rows.query(InformationRequest).order_by(InformationRequest.id).all()
    request = world.any(found)
    if request.reach_until is None or request.reach_until > world.soon:
        request.reach_until = world.soon
    elif world.chance(0.5):
        request.withdrawn_at = world.now


def _tell(world: World) -> None:
    content.disclose(world)


def _ask(world: World) -> None:
    content.ask(world)


def _match(world: World) -> None:
    free = [subject for subject in world.subjects if subject.id not in world.matched]
    if free:
        referred.match(world, world.any(free))


def _unmatch(world: World) -> None:
    if world.matched:
        subject_id = world.any(world.matched)
        world.matched.remove(subject_id)
        world.rows.query(ReferralChild).filter_by(subject_id=subject_id).delete()


def _move(world: World) -> None:
    person = world.any([u for u in world.users if not set(u.roles) & {"coordinator", "administrator"}])
    person.agency_id = world.any([a for a in world.agencies if a.active]).id
    world.rows.flush()


def _leave(world: World) -> None:
    person = world.any(world.users)
    person.active = not person.active


def _finish_duty(world: World) -> None:
    found = world.rows.query(Deadline).filter(Deadline.case_id.is_(None)).order_by(Deadline.id).all()
    world.any(found).state = "done"


def drift(world: World) -> int:
    """How many derived rows are not what they should be, asked as the role that keeps them. Mends them."""
    world.rows.execute(text("set local role portal_scope"))
    found = world.rows.execute(text("select ctx.scope_drift()")).scalar_one()
    world.rows.commit()
    return int(found)
