"""Who covers for whom: whoever works on the case sees it, and nobody else."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import Absence
from portal.messages.telling import tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.records.absences.vocabulary import UNCOVERED
from portal.records.cases.facts import about_case
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.absences.test_telling import covers, ends, enters
from tests.access.test_reach import Asking
from tests.assessments.conftest import Acting, case_of_three
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.messages.test_work import owe
from tests.told import page_words


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


def test_of_a_deputy_who_is_away_too_the_case_says_that_nobody_covers_it_and_so_does_their_own_absence(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = case_of_three(rows, cast)
    absence = enters(acting, cast.social_worker, cast.social_worker)
    covers(acting, absence, cast.social_worker, cast.chair, case)
    own = f"/absences/{enters(acting, cast.chair, cast.chair).id}"
    nobody = "Nobody covers the case: whoever was to is away too, or does not read it any more"
    for person in (cast.officer, cast.nurse):
        words = words_of(client_for, person, case)
        assert nobody in words
        assert "Chas Chair covers the case" not in words
        assert client_for(person).get(own).status_code == 404
    page = " ".join(client_for(cast.chair).soup(own).get_text(" ").split())
    assert "You were to cover this case of colleagues on some of these days" in page
    assert f"{case.reference} , for {cast.social_worker.name}" in page
    theirs = client_for(cast.social_worker).get(f"/absences/{absence.id}").text
    assert "was to cover" not in theirs
    assert "were to cover" not in theirs


def test_whoever_works_on_a_case_sees_that_its_lead_is_away_and_nobody_covers_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, asking: Asking
) -> None:
    case = case_of_three(rows, cast)
    said = f"{cast.social_worker.name} is away, and nobody was named to cover it for them: the e-mail goes to"
    assert said not in words_of(client_for, cast.officer, case)
    absence = enters(acting, cast.social_worker, cast.social_worker)
    for person in (cast.officer, cast.nurse, cast.coordinator):
        words = words_of(client_for, person, case)
        assert words.count(said) == 2, "beside the lead, and above the numbers to ring"
        assert f"away until {absence.last_day.day}" not in words, "that is for their agency"
    printed = client_for(cast.officer).soup(f"/cases/{case.reference}/print").get_text()
    assert said in " ".join(printed.split())
    asked = text("select ctx.lead_away_uncovered(:case, :today)")
    for person in (cast.stranger, cast.governance, cast.teacher):
        with asking(person) as session:
            found = session.scalar(asked, {"case": case.id, "today": clock.today()})
            assert found is False, f"{person.name} learns who is away"
    covers(acting, absence, cast.social_worker, cast.chair, case)
    assert said not in words_of(client_for, cast.officer, case)


def test_days_that_are_to_come_are_nobody_elses_yet(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = case_of_three(rows, cast)
    absence = enters(acting, cast.social_worker, cast.social_worker)
    covers(acting, absence, cast.social_worker, cast.chair, case)
    rows.get_one(Absence, absence.id).first_day = clock.today() + timedelta(days=1)
    rows.commit()
    assert "covers the case" not in words_of(client_for, cast.officer, case)


def work_of(client_for: ClientFor, person: User, address: str = "/work") -> list[str]:
    rows = client_for(person).soup(address).select("tbody tr")
    return [" ".join(one.get_text(" ").split()) for one in rows]


def test_what_somebody_who_is_away_owes_stands_on_the_list_of_whoever_covers_the_case(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case, other = case_of_three(rows, cast), case_of_three(rows, cast)
    for one in (case, other):
        owe(rows, one, cast.social_worker, clock.now() - timedelta(days=1))
    assert case.reference not in " ".join(work_of(client_for, cast.chair))
    absence = enters(acting, cast.social_worker, cast.social_worker)
    covers(acting, absence, cast.social_worker, cast.chair, case)
    until = absence.last_day
    said = f"for {cast.social_worker.name}, who is away until {until.day} {until:%B %Y}"
    for address in ("/work", "/work?whose=mine", "/work?whose=mine&when=overdue", "/social-care"):
        (line,) = [one for one in work_of(client_for, cast.chair, address) if said in one]
        assert "Hold the review meeting" in line, address
    lines = work_of(client_for, cast.chair)
    assert [one for one in lines if case.reference in one and said in one]
    assert not [one for one in lines if other.reference in one], "nobody covers that one"
    file = client_for(cast.chair).get("/work/duties.csv?whose=mine").text
    assert f"{cast.social_worker.name}, who is away until" in file
    own = " ".join(work_of(client_for, cast.social_worker))
    assert case.reference in own
    assert "who is away" not in own
    for person in (cast.officer, cast.nurse, cast.stranger, cast.neighbour):
        assert "who is away" not in " ".join(work_of(client_for, person)), person.name
    ends(acting, cast.social_worker, rows.get_one(Absence, absence.id))
    assert case.reference not in " ".join(work_of(client_for, cast.chair))


def test_what_begins_later_or_is_over_stands_on_nobody_elses_list(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = case_of_three(rows, cast)
    owe(rows, case, cast.social_worker, clock.now() - timedelta(days=1))
    absence = enters(acting, cast.social_worker, cast.social_worker)
    covers(acting, absence, cast.social_worker, cast.chair, case)
    today = clock.today()
    for first, last in ((1, 4), (-9, -1)):
        kept = rows.get_one(Absence, absence.id)
        kept.first_day, kept.last_day = today + timedelta(days=first), today + timedelta(days=last)
        rows.commit()
        assert case.reference not in " ".join(work_of(client_for, cast.chair)), first


def test_a_deputy_who_reads_the_case_no_longer_is_not_shown_what_is_due_on_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = case_of_three(rows, cast)
    owe(rows, case, cast.social_worker, clock.now() - timedelta(days=1))
    absence = enters(acting, cast.social_worker, cast.social_worker)
    covers(acting, absence, cast.social_worker, cast.chair, case)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert "Hold the review meeting" not in " ".join(work_of(client_for, cast.chair))


def test_days_that_ended_stand_below_for_ninety_days(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    today = clock.today()

    def kept(person: User, first: int, last: int, ended: int | None = None) -> None:
        rows.add(
            Absence(
                id=new_id(),
                user_id=person.id,
                first_day=today + timedelta(days=first),
                last_day=today + timedelta(days=last),
                entered_by=person.id,
                entered_at=clock.now(),
                ended_at=None if ended is None else clock.now() + timedelta(days=ended),
            )
        )

    kept(cast.social_worker, -9, -2)
    kept(cast.social_worker, -40, 40, ended=-20)
    kept(cast.social_worker, 5, 9, ended=0)
    kept(cast.social_worker, -200, -91)
    kept(cast.social_worker, 50, 60)
    rows.commit()

    def below(person: User) -> list[str]:
        page = client_for(person).soup("/absences")
        heading = page.find(id="ended")
        listed = heading.find_next("ul").select("li") if heading else []  # type: ignore[union-attr] # a list is there
        return [" ".join(one.get_text(" ").split()) for one in listed]

    own = below(cast.social_worker)
    assert len(own) == 3
    assert all(one.startswith("You, ") for one in own)
    ways = ("Cancelled on", "Ended as entered", "Ended early")
    assert [next(way for way in ways if way in one) for one in own] == list(ways)
    assert [cast.social_worker.name in one for one in below(cast.chair)] == [True] * 3
    for person in (cast.officer, cast.stranger, cast.coordinator):
        assert below(person) == [], "of another agency nobody learns who was away"


def test_who_reads_an_e_mail_instead_of_somebody_who_is_away_is_named(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case = case_of_three(rows, cast)
    absence = enters(acting, cast.social_worker, cast.social_worker)
    given = {Ground.DEPUTY: to_people(cast.social_worker.id)}

    def tells(once: str) -> str:
        with acting(cast.coordinator) as actor:
            tell(actor=actor, event=UNCOVERED, about=about_case(case), given=given, once=once)
            return page_words()

    before = tells("before")
    assert "is away: the e-mail goes to whoever stands in," in before
    assert f"Told in the portal now: {cast.social_worker.name} " in before
    assert "Told by e-mail" not in before, "to whoever stands in, and not to them"
    covers(acting, absence, cast.social_worker, cast.chair, case)
    assert (
        f"{cast.social_worker.name} is away: the e-mail goes to {cast.chair.name}, who covers the case."
        in tells("after")
    )
    rows.get_one(User, cast.chair.id).active = False
    rows.commit()
    assert "is away: the e-mail goes to whoever stands in," in tells("when the deputy has left")
