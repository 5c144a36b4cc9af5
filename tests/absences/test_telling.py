"""Who is told of somebody's absence: the deputy, and whoever is away where somebody else says so."""

from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import Absence
from portal.records.absences import keeping
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.assessments.conftest import Acting, case_of_three
from tests.cast import Cast
from tests.factories.cases import grant
from tests.told import of_event, page_words

MAIL, BELL = "mail", "portal"


def enters(acting: Acting, who: User, away: User) -> Absence:
    with acting(who) as actor:
        today = clock.today()
        person = db.session.get_one(User, away.id)
        made = keeping.enter_absence(
            actor=actor, person=person, first_day=today, last_day=today + timedelta(days=3)
        )
        db.session.flush()
        db.session.expunge(made)
    return made


def covers(acting: Acting, absence: Absence, who: User, deputy: User, case: Case) -> str:
    with acting(who) as actor:
        keeping.cover_case(
            actor=actor,
            absence=db.session.get_one(Absence, absence.id),
            person=db.session.get_one(User, absence.user_id),
            case=db.session.get_one(Case, case.id),
            deputy=db.session.get_one(User, deputy.id),
        )
        return page_words()


def test_the_deputy_hears_of_each_case_that_they_cover_or_no_longer_do(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case = case_of_three(rows, cast)
    absence = enters(acting, cast.social_worker, cast.social_worker)
    assert of_event(rows, "absence_entered") == set()
    words = covers(acting, absence, cast.social_worker, cast.chair, case)
    assert of_event(rows, "case_covered") == {(cast.chair.id, MAIL, "cover_given")}
    assert f"{cast.chair.name} (covers the case)" in words
    with acting(cast.social_worker) as actor:
        away = db.session.get_one(User, cast.social_worker.id)
        held = db.session.get_one(Absence, absence.id)
        for _ in range(2):  # of the second nobody hears
            keeping.uncover_case(actor=actor, absence=held, person=away, case_id=case.id)
    assert of_event(rows, "case_uncovered") == {(cast.chair.id, MAIL, "no_longer_yours")}


def test_of_a_closely_held_case_the_deputy_who_reads_it_alone_is_told(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case = case_of_three(rows, cast)
    for person in (cast.social_worker, cast.chair):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    absence = enters(acting, cast.social_worker, cast.social_worker)
    covers(acting, absence, cast.social_worker, cast.chair, case)
    assert of_event(rows, "case_covered") == {(cast.chair.id, MAIL, "cover_given")}


def test_whoever_is_away_sees_that_their_manager_said_so(rows: Session, cast: Cast, acting: Acting) -> None:
    enters(acting, cast.social_care_manager, cast.social_worker)
    assert of_event(rows, "absence_entered") == {(cast.social_worker.id, BELL, "account_changed")}
