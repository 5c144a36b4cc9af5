"""What happens is told by the table of the policy, and the page says what was written."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask, get_flashed_messages, session
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal import clock, registry
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages import told as said
from portal.messages.model import CaseNews, OutboxMessage, Untold
from portal.messages.telling import heard_of, tell, to_people, to_teams
from portal.messages.told import Reached, Told
from portal.messages.vocabulary import Ground, HandReason, MessageChannel
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.facts import about_case
from portal.records.cases.model import Case
from portal.records.cases.vocabulary import WARNING_SET
from portal.records.people.model import TeamMember, User
from portal.vocabulary import Role, Sensitivity
from portal.web.navigation import flashed
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.people import make_team, make_user
from tests.statements import noted

Acting = Callable[[User], AbstractContextManager[Principal]]
OPEN, NIGHT = (datetime(2027, 11, 25, hour, tzinfo=UTC) for hour in (10, 2))  # a Thursday
HUB = "01632 960101 (Safeguarding Co-ordination Hub; an example, not given yet)"
AT_NIGHT = " or ".join(
    f"01632 {number} ({whose} social care, evenings, nights and weekends; an example, not given yet)"
    for whose, number in (("Derby", "960112"), ("Derbyshire", "960122"))
)


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that social care leads and a school nurse works on."""
    made = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, made, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, made, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    rows.commit()
    return made


def happens(acting: Acting, who: User, case: Case, event: str, **more: object) -> Told:
    with acting(who) as actor:
        record = db.session.get_one(Case, case.id)
        happened = registry.events()[event]
        return tell(actor=actor, event=happened, about=about_case(record), **more)  # type: ignore[arg-type] # said by each test


def written(rows: Session) -> set[tuple[object, str, str | None, str | None]]:
    rows.rollback()
    found = rows.scalars(select(OutboxMessage))
    return {(one.recipient_id or one.recipient_team_id, one.channel, one.event, one.ground) for one in found}


def test_every_event_of_the_nouns_has_rows_in_the_policy_and_every_row_an_event(app: Flask) -> None:
    assert [one.event for one in current_policy().telling.events if one.event not in registry.events()] == []
    assert all(current_policy().telling.of(code) for code in registry.events())


def test_grounds_are_found_in_the_database_and_each_receiver_is_told_once(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    happens(acting, cast.coordinator, case, "warning_set")
    found = written(rows)
    assert (cast.nurse.id, "mail", "warning_set", "worker") in found
    assert (cast.social_worker.id, "mail", "warning_set", "worker") in found
    assert (cast.health_team.id, "mail", "warning_set", "team") in found
    assert len({who for who, *_ in found}) == len(found)


def test_of_a_closely_held_case_only_those_who_read_it_are_told(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    happens(acting, cast.coordinator, case, "warning_set")
    assert {who for who, *_ in written(rows)} == {cast.social_worker.id}


def test_the_sentence_names_who_was_written_to_and_why(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    words = happens(acting, cast.coordinator, case, "warning_set").words
    assert words.startswith("Told by e-mail ")
    assert re.search(rf"{cast.nurse.name}[^;(]* \(works on the case\)", words)
    assert cast.coordinator.name not in words


def test_a_team_that_is_told_in_the_portal_is_named_as_far_as_somebody_of_it_is_told(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    team = make_team(rows, cast.council, "Night wardens")
    involve(rows, case, team, by=cast.coordinator)
    rows.commit()
    told = happens(acting, cast.coordinator, case, "level_lowered")
    assert cast.health_team.name in told.words
    assert team.name not in told.words, "nobody is in it"
    person = make_user(rows, cast.council, "Wes Warden", Role.PRACTITIONER, teams=(team,))
    told = happens(acting, person, case, "level_lowered", once="by the only one in it")
    assert team.name not in told.words
    make_user(rows, cast.council, "Una Warden", Role.PRACTITIONER, teams=(team,))
    told = happens(acting, person, case, "level_lowered", once="by one of two")
    assert team.name in told.words


def test_the_actor_is_not_told_what_they_did(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    happens(acting, cast.social_worker, case, "warning_set")
    assert cast.social_worker.id not in {who for who, *_ in written(rows)}


def test_somebody_who_is_gone_is_said_to_be_before_the_message_goes_out(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    cast.nurse.active = False
    rows.commit()
    given = {Ground.WORKER: to_people(cast.nurse.id)}
    told = happens(acting, cast.coordinator, case, "warning_set", given=given)
    nurse = next(one for one in told.reached if one.id == cast.nurse.id)
    assert nurse.in_the_way is HandReason.LEFT
    assert f"{cast.nurse.name} has left: the e-mail goes to whoever stands in" in told.words


def test_for_whoever_works_on_the_case_and_does_not_read_it_their_team_there_hears(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    """Moved to another team, or gone: not whoever they are with now."""
    elsewhere = make_team(rows, cast.health, "Night nurses")
    rows.execute(update(TeamMember).filter_by(user_id=cast.nurse.id).values(team_id=elsewhere.id))
    rows.commit()
    told = happens(acting, cast.coordinator, case, "warning_set")
    place = f"in the place of {cast.nurse.name}, who works on the case and does not read it"
    assert f"{cast.health_team.name} ({place})" in told.words
    assert not {cast.nurse.id, elsewhere.id} & {who for who, *_ in written(rows)}


def test_what_stands_in_the_way_is_not_said_to_somebody_who_does_not_read_the_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asked = text(
        "select id from ctx.my_obstacles('cre_case', :case, :case, array[:who]::uuid[], '{}', current_date)"
    )
    for who, count in ((cast.coordinator, 1), (cast.stranger, 0)):
        with acting(who):
            found = db.session.execute(asked, {"case": case.id, "who": cast.nurse.id}).all()
            assert len(found) == count


def test_a_stranger_learns_of_nobody_around_a_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for who, finds in ((cast.coordinator, True), (cast.nurse, True), (cast.stranger, False)):
        with acting(who):
            found = db.session.execute(
                text("select ground from ctx.hear_of_case(:case)"), {"case": case.id}
            ).all()
            assert bool(found) is finds


def test_the_application_may_not_ask_past_the_guard(cast: Cast, case: Case, acting: Acting) -> None:
    for function in ("around_case(:case)", "obstacles('cre_case', :case, :case, '{}', '{}', current_date)"):
        with acting(cast.coordinator), pytest.raises(Exception, match="permission denied"):
            db.session.execute(text(f"select * from ctx.{function}"), {"case": case.id})  # noqa: S608 - names of ours


def test_whoever_loses_sight_has_the_last_word_and_nothing_else_of_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    given = {Ground.LEAVING: to_teams(cast.health_team.id)}
    happens(acting, cast.coordinator, case, "team_left", given=given)
    rows.rollback()
    last = rows.scalars(select(OutboxMessage).filter_by(recipient_team_id=cast.health_team.id)).one()
    assert last.last_word
    assert current_policy().reminders.kinds[last.kind].ended


def test_news_is_a_line_and_no_message(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    assert happens(acting, cast.coordinator, case, "alert_changed").words == ""
    assert written(rows) == set()
    (line,) = rows.scalars(select(CaseNews))
    assert (line.case_id, line.event, line.by_id) == (case.id, "alert_changed", cast.coordinator.id)


def test_whoever_heard_of_the_beginning_is_found_for_the_end(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    happens(acting, cast.coordinator, case, "warning_set")
    with acting(cast.coordinator):
        heard = heard_of(WARNING_SET, about=about_case(db.session.get_one(Case, case.id)))
        assert {cast.nurse.id, cast.social_worker.id} <= heard.people
        assert cast.health_team.id in heard.teams
    with acting(cast.stranger):
        assert not heard_of(WARNING_SET, about=about_case(case))


@pytest.mark.parametrize(("moment", "ring"), [(OPEN, HUB), (NIGHT, AT_NIGHT)])
def test_where_nobody_can_be_found_the_page_says_so_and_whom_to_ring_now_and_the_hub_is_told(
    rows: Session, cast: Cast, case: Case, acting: Acting, moment: datetime, ring: str
) -> None:
    (row,) = current_policy().telling.of("assessment_second_answered")
    object.__setattr__(row, "required", True)
    try:
        with time_machine.travel(moment, tick=False):
            told = happens(acting, cast.social_worker, case, "assessment_second_answered", given={})
    finally:
        object.__setattr__(row, "required", False)
    assert told.words == (
        f"Not told: asked (there is nobody who may be told). The hub has this on its list."
        f" If it cannot wait, ring {ring}."
    )
    rows.rollback()
    (untold,) = rows.scalars(select(Untold))
    assert (untold.event, untold.ground, untold.caused_by) == (
        "assessment_second_answered",
        "asker",
        cast.social_worker.id,
    )
    kinds = set(rows.scalars(select(OutboxMessage.kind)))
    assert kinds == {"nobody_told"}


def test_the_next_page_says_it_once_for_all_that_one_step_told(app: Flask, cast: Cast) -> None:
    one = Reached(
        id=cast.nurse.id,
        name="Nell Nurse",
        ground=Ground.WORKER,
        channel=MessageChannel.PORTAL,
        at=clock.now(),
    )
    by_mail = Reached(id=one.id, name=one.name, ground=one.ground, channel=MessageChannel.MAIL, at=one.at)
    with app.test_request_context():
        said.note(Told((one,)))
        mark = said.mark()
        said.note(Told((by_mail,)))
        assert said.mark() == mark + 1
        said.undone(mark)
        said.say()
        assert get_flashed_messages(with_categories=True) == [
            (said.CATEGORY, "Told in the portal now: Nell Nurse (works on the case).")
        ]


@time_machine.travel(NIGHT, tick=False)
def test_of_two_e_mails_that_one_is_said_which_goes_first_and_who_waits_stands_apart(app: Flask) -> None:
    def mailed(who: UUID, name: str, at: datetime) -> Reached:
        mail = MessageChannel.MAIL
        return Reached(id=who, name=name, ground=Ground.TEAM, channel=mail, at=at)

    door, other = new_id(), new_id()
    with app.test_request_context():
        said.note(Told((mailed(door, "Front door", OPEN), mailed(other, "School", OPEN))))
        said.note(Told((mailed(door, "Front door", NIGHT),)))
        assert said.take() == (
            "Told by e-mail now, and in the portal: Front door (team on the case)."
            " Told by e-mail from 10:00am, and in the portal: School (team on the case)."
        )


def test_of_many_on_one_ground_the_page_names_all_below_the_sentence(app: Flask) -> None:
    names = [f"Person {number:02}" for number in range(said.MOST + 2)]
    each = tuple(
        Reached(id=new_id(), name=name, ground=Ground.TEAM, channel=MessageChannel.DIGEST, at=clock.now())
        for name in names
    )
    with app.test_request_context():
        said.note(Told(each))
        said.say()
        shown = BeautifulSoup(flashed(), "html.parser")
    assert "Person 05 and 2 more" in shown.get_text()
    assert "in the portal now, and in the next morning message to those who get one" in shown.get_text()
    (line,) = [one.get_text() for one in shown.select("details li")]
    assert line.partition(": ")[2] == ", ".join(names)


def test_of_very_many_the_list_stays_small_enough_for_a_cookie_and_says_how_many_it_leaves_out(
    app: Flask,
) -> None:
    each = tuple(
        Reached(
            id=new_id(), name=f"Łucja Ðorđević {number:03}", ground=Ground.TEAM,
            channel=MessageChannel.PORTAL, at=clock.now(),
        )
        for number in range(300)
    )  # fmt: skip
    with app.test_request_context():
        (line,) = Told(each).all_names
        assert line.endswith(" more")
        assert line.count("Łucja") + int(line.split()[-2]) == len(each)
        said.note(Told(each))
        said.say()
        sessions = SecureCookieSessionInterface().get_signing_serializer(app)
        assert sessions is not None
        cookie = str(sessions.dumps(dict(session)))
        assert len(cookie) < 4_000


def test_of_few_nobody_stands_in_a_list_of_their_own(app: Flask) -> None:
    one = Reached(id=new_id(), name="Nell", ground=Ground.TEAM, channel=MessageChannel.PORTAL, at=clock.now())
    with app.test_request_context():
        said.note(Told((one,)))
        said.say()
        shown = BeautifulSoup(flashed(), "html.parser")
    assert "Nell" in shown.get_text()
    assert shown.select("details") == []


@time_machine.travel(NIGHT, tick=False)
@pytest.mark.parametrize("closed", [True, False])
def test_whom_to_ring_and_that_offices_are_closed_is_said_once(app: Flask, closed: bool) -> None:
    def one(name: str, phone: str) -> Reached:
        return Reached(
            id=new_id(), name=name, ground=Ground.TEAM, channel=MessageChannel.MAIL, at=NIGHT, phone=phone,
            closed=closed, needed_by=OPEN,
        )  # fmt: skip

    duty = "01632 960140, duty phone of Safeguarding nurses"
    told = (one("Nell", duty), one("Safeguarding nurses", "01632 960140"), one("Kofi", duty), one("Ola", ""))
    with app.test_request_context():
        words = Told((*told, one("Wanda", "01632 960001"))).words
    assert words.count("It is outside office hours") == 1
    assert words.count("01632 960140") == 1
    assert (
        "Ring: Nell, Safeguarding nurses and Kofi (01632 960140), Ola (no number is known here),"
        " Wanda (01632 960001)." in words
    )


def test_what_was_undone_was_told_to_nobody(app: Flask) -> None:
    with app.test_request_context():
        said.undone(0)
        said.say()
        assert get_flashed_messages() == []


def test_given_people_are_told_on_their_ground(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    given = {Ground.ASKER: to_people(cast.nurse.id, None)}
    happens(acting, cast.social_worker, case, "access_answered", given=given)
    assert written(rows) == {(cast.nurse.id, "mail", "access_answered", "asker")}


def test_however_many_are_told_it_costs_as_many_statements(
    app: Flask, rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    crowd = [make_user(rows, cast.social_care, f"Asker {number}") for number in range(60)]
    rows.commit()
    cost = {}
    for once, many in (("few", 1), ("many", 60)):
        given = {Ground.ASKER: to_people(*(one.id for one in crowd[:many]))}
        with noted(app) as sent:
            happens(acting, cast.social_worker, case, "access_answered", given=given, once=once)
        cost[once] = sum("outbox_" in one for one in sent)
    assert cost == {"few": 2, "many": 2}
    given = {Ground.ASKER: to_people(*(one.id for one in crowd))}
    with noted(app) as sent:
        told = happens(acting, cast.social_worker, case, "access_answered", given=given, once="few")
    assert len(told.reached) == 59, "whoever was told before is not told again"
    assert sum("outbox_" in one or "causes_message" in one for one in sent) == 3
