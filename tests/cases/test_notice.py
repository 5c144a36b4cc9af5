"""What a case that is held closely says to whoever sees its notice alone: whom to ask, who reads it."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.people.model import Agency, User
from portal.records.requests.model import AccessRequest
from portal.vocabulary import Sensitivity
from portal.web.filters import day
from tests.absences.test_telling import enters
from tests.access.test_reach import Asking
from tests.assessments.conftest import Acting
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant

NUMBER, LEADS = "01632 960661", "01632 960662"


def hold(rows: Session, cast: Cast, case: Case, *named: User, sensitivity: Sensitivity) -> None:
    """The case is held closely; its agency has a lead, who is not of those named on it."""
    rows.get_one(User, cast.social_worker.id).phone = NUMBER
    rows.get_one(User, cast.social_care_manager.id).phone = LEADS
    rows.get_one(Agency, cast.social_care.id).lead_id = cast.social_care_manager.id
    for person in named:
        grant(rows, case, person, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(sensitivity)
    rows.commit()


def words_of(client_for: ClientFor, person: User, case: Case) -> str:
    return " ".join(client_for(person).soup(f"/cases/{case.reference}").get_text(" ").split())


def test_it_names_somebody_of_the_lead_agency_who_reads_it(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    hold(rows, cast, case, cast.social_worker, sensitivity=Sensitivity.RESTRICTED)
    for person in (cast.officer, cast.governance):
        words = words_of(client_for, person, case)
        assert f"Wanda Worker, {NUMBER}" in words, person.name
        assert "Sol Manager" not in words
        assert "Ada" not in words.replace("Ada Administrator", "")
    assert client_for(cast.stranger).get(f"/cases/{case.reference}").status_code == 404


def test_the_lead_professional_who_is_not_named_on_it_is_not_whom_to_ask(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    hold(rows, cast, case, cast.chair, sensitivity=Sensitivity.RESTRICTED)
    words = words_of(client_for, cast.officer, case)
    assert "Chas Chair" in words
    assert "Wanda Worker" not in words


def test_where_nobody_there_reads_it_it_says_so(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    hold(rows, cast, case, cast.nurse, sensitivity=Sensitivity.RESTRICTED)
    words = words_of(client_for, cast.officer, case)
    assert "Nobody who reads it is named here" in words
    for name in ("Nell Nurse", "Wanda Worker", "Sol Manager"):
        assert name not in words


def test_who_is_named_on_a_sealed_case_nobody_learns(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    hold(rows, cast, case, cast.social_worker, sensitivity=Sensitivity.SEALED)
    assert "Wanda Worker" not in words_of(client_for, cast.governance, case)
    for person in (cast.officer, cast.governance, cast.stranger):
        with asking(person) as session:
            found = session.execute(text("select * from ctx.contact_of_notice(:id)"), {"id": case.id})
            assert found.all() == [], person.name
    grant(rows, case, cast.social_care_manager, by=cast.coordinator)
    rows.commit()
    assert f"Sol Manager, {LEADS}" in words_of(client_for, cast.governance, case)
    with asking(cast.officer) as session:
        found = session.execute(text("select * from ctx.contact_of_notice(:id)"), {"id": case.id})
        assert found.all() == []


def test_a_refusal_says_who_gave_it_and_their_number(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    hold(rows, cast, case, cast.social_worker, sensitivity=Sensitivity.RESTRICTED)
    client_for(cast.officer).submit(f"/cases/{case.reference}/ask-for-access", {"reason": "We met the child"})
    asked = rows.scalars(text("select id from access_request")).one()
    client_for(cast.social_worker).submit(
        f"/cases/{case.reference}/access/{asked}", {"decision": "refuse", "answer": "Ring me"}
    )
    rows.expire_all()
    assert rows.get_one(AccessRequest, asked).answer == "Ring me"
    words = words_of(client_for, cast.officer, case)
    assert f"The answer of Wanda Worker, County social care, {NUMBER} , was no: Ring me" in words


def test_whoever_is_away_is_not_whom_to_ask_while_somebody_there_is_not(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting
) -> None:
    hold(rows, cast, case, cast.social_worker, sensitivity=Sensitivity.RESTRICTED)
    absence = enters(acting, cast.social_worker, cast.social_worker)
    until = day(absence.last_day)
    words = words_of(client_for, cast.officer, case)
    assert f"Wanda Worker, {NUMBER}. Away until {until}: ring a team there" in words
    grant(rows, case, cast.chair, by=cast.coordinator)
    words = words_of(client_for, cast.officer, case)
    assert "Chas Chair" in words
    assert "Away until" not in words
    assert "Wanda Worker" not in words
    assert client_for(cast.stranger).get(f"/cases/{case.reference}").status_code == 404


def test_whoever_reads_it_is_told_that_those_on_the_list_of_teams_need_not(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    says = "Being on this list does not let anybody read the case now."
    assert says not in words_of(client_for, cast.coordinator, case)
    for sensitivity in (Sensitivity.RESTRICTED, Sensitivity.SEALED):
        hold(rows, cast, case, cast.social_worker, cast.coordinator, sensitivity=sensitivity)
        assert says in words_of(client_for, cast.coordinator, case)
    page = client_for(cast.coordinator).soup(f"/cases/{case.reference}/manage")
    assert "Wanda Worker" in page.select("section:has(#named), #named")[0].get_text(" ")
