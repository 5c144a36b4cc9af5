"""Who covers for whom: whoever works on the case sees it, and nobody else."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import Absence
from portal.records.cases.model import Case
from portal.records.people.model import User
from tests.absences.test_telling import covers, ends, enters
from tests.access.test_reach import Asking
from tests.assessments.conftest import Acting, case_of_three
from tests.cases.test_page import ClientFor
from tests.cast import Cast


def words_of(client_for: ClientFor, person: User, case: Case) -> str:
    return " ".join(client_for(person).soup(f"/cases/{case.reference}").get_text(" ").split())


def test_whoever_works_on_the_case_sees_who_is_away_and_who_covers_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, asking: Asking
) -> None:
    case, other = case_of_three(rows, cast), case_of_three(rows, cast)
    rows.get_one(User, cast.chair.id).phone = "01632 960881"
    rows.commit()
    absence = enters(acting, cast.social_worker, cast.social_worker)
    covers(acting, absence, cast.social_worker, cast.chair, case)
    covered = "Chas Chair covers the case, 01632 960881"
    for person in (cast.officer, cast.nurse, cast.coordinator):
        words = words_of(client_for, person, case)
        assert f"Wanda Worker is away until {absence.last_day.day}" in words, person.name
        assert covered in words
        assert "covers the case" not in words_of(client_for, person, other)
    printed = client_for(cast.officer).soup(f"/cases/{case.reference}/print").get_text()
    assert covered in " ".join(printed.split())
    asked = text("select * from ctx.covered_on(:case, :today)")
    for person in (cast.stranger, cast.governance, cast.teacher):
        with asking(person) as session:
            found = session.execute(asked, {"case": case.id, "today": clock.today()}).all()
            assert found == [], f"{person.name} learns who is away"
    ends(acting, cast.social_worker, rows.get_one(Absence, absence.id))
    assert "covers the case" not in words_of(client_for, cast.officer, case)


def test_days_that_are_to_come_are_nobody_elses_yet(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = case_of_three(rows, cast)
    absence = enters(acting, cast.social_worker, cast.social_worker)
    covers(acting, absence, cast.social_worker, cast.chair, case)
    rows.get_one(Absence, absence.id).first_day = clock.today() + timedelta(days=1)
    rows.commit()
    assert "covers the case" not in words_of(client_for, cast.officer, case)
