"""Who is told of somebody's absence: the deputy, and whoever is away where somebody else says so."""

from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import Absence
from portal.messages.telling import tell, to_people
from portal.messages.vocabulary import Ground
from portal.records.absences import keeping
from portal.records.absences.vocabulary import ENTERED as ACCOUNT
from portal.records.cases.facts import about_case
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.assessments.conftest import Acting, case_of_three
from tests.cases.test_page import ClientFor
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
        said = page_words()
    assert f"{cast.chair.name} (covered the case until now)" in said
    assert "(covers the case)" not in said
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


def ends(acting: Acting, who: User, absence: Absence) -> str:
    with acting(who) as actor:
        keeping.end_absence(
            actor=actor,
            absence=db.session.get_one(Absence, absence.id),
            person=db.session.get_one(User, absence.user_id),
        )
        return page_words()


def test_whoever_covers_cases_hears_once_that_a_colleague_is_back_and_so_does_the_colleague(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    absence = enters(acting, cast.social_worker, cast.social_worker)
    for _ in range(2):
        covers(acting, absence, cast.social_worker, cast.chair, case_of_three(rows, cast))
    words = ends(acting, cast.social_care_manager, absence)
    assert cast.chair.name not in words
    assert of_event(rows, "absence_ended") == {
        (cast.chair.id, MAIL, "cover_ended"),
        (cast.social_worker.id, BELL, "account_changed"),
    }
    page = client_for(cast.chair).soup("/messages")
    (link,) = [one["href"] for one in page.select(".app-messages__title a") if "no longer" in one.get_text()]
    assert client_for(cast.chair).get(str(link)).location == "/absences"


def test_whoever_ends_it_reads_who_covers_no_longer_as_far_as_they_read_the_cases(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    for person, named in ((cast.social_worker, True), (cast.social_care_manager, False)):
        absence, case = enters(acting, cast.social_worker, cast.social_worker), case_of_three(rows, cast)
        for one in (cast.social_worker, cast.chair):
            grant(rows, case, one, by=cast.coordinator)
        case.sensitivity = int(Sensitivity.RESTRICTED)
        rows.commit()
        covers(acting, absence, cast.social_worker, cast.chair, case)
        client = client_for(person)
        assert client.submit(f"/absences/{absence.id}/end").status_code == 303, person.name
        said = client.soup("/absences").get_text(" ")
        assert "Messages come again from now on" in said
        assert (f"No longer covering: {cast.chair.name}" in said) is named, person.name


def test_the_end_of_days_that_nobody_covers_is_told_nobody(rows: Session, cast: Cast, acting: Acting) -> None:
    ends(acting, cast.social_worker, enters(acting, cast.social_worker, cast.social_worker))
    assert of_event(rows, "absence_ended") == set()


def alert(acting: Acting, cast: Cast, case: Case) -> None:
    """An alert that somebody of the hub sets, of which whoever works on the case hears by mail and bell."""
    about = about_case(case)
    with acting(cast.coordinator) as actor:
        whom = {Ground.PERSON: to_people(cast.social_worker.id)}
        tell(actor=actor, event=ACCOUNT, about=about, given=whom)


def test_what_somebody_who_is_away_hears_in_the_portal_whoever_covers_the_case_hears_too(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case = case_of_three(rows, cast)
    absence = enters(acting, cast.social_worker, cast.social_worker)
    alert(acting, cast, case)
    assert {who for who, _, _ in of_event(rows, ACCOUNT.code)} == {cast.social_worker.id}
    covers(acting, absence, cast.social_worker, cast.chair, case)
    other = case_of_three(rows, cast)
    alert(acting, cast, other)
    assert cast.chair.id not in {who for who, _, _ in of_event(rows, ACCOUNT.code)}, "another case"
    with acting(cast.coordinator) as actor:
        given = {Ground.PERSON: to_people(cast.social_worker.id)}
        tell(actor=actor, event=ACCOUNT, about=about_case(case), given=given, once="later")
        assert cast.chair.name not in page_words()
    assert (cast.chair.id, BELL, "account_changed") in of_event(rows, ACCOUNT.code)
