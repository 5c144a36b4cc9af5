"""One of two reports of an absence is withdrawn: whoever was told hears that the child is still missing."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.missing.steps import withdraw_episode
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant
from tests.missing.conftest import Acting, reports, returns
from tests.missing.test_pages import ClientFor, typed
from tests.told import of_event, page_words

MAIL = "mail"


@pytest.fixture
def child(rows: Session, cast: Cast, case: Case) -> Child:
    """The child of a case, for whom roads policing has the desk and somebody has two spellings."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.commit()
    return rows.get_one(Child, case.child_id)


def also(acting: Acting, person: User, child: Child, **changes: Any) -> MissingEpisode:
    """Somebody who does not know the child reports it by name and date of birth."""
    name = f"{child.given_name} {child.family_name}"
    return reports(acting, person, name=name, dob=child.dob, nhs_number=child.nhs_number, **changes)


def withdrawn(acting: Acting, person: User, episode: MissingEpisode, double_of: str = "") -> str:
    """Somebody withdraws a report; what the page says then."""
    with acting(person) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        withdraw_episode(
            actor=actor, episode=held, reason="The same evening", version=held.version, double_of=double_of
        )
        return page_words()


def test_of_two_reports_of_one_absence_the_one_is_withdrawn_and_the_child_is_still_missing(
    rows: Session, cast: Cast, child: Child, acting: Acting
) -> None:
    first = reports(acting, cast.social_worker, child=child)
    double = also(acting, cast.stranger, child)
    withdrawn(acting, cast.officer, double, double_of=first.reference)
    told = of_event(rows, "missing_withdrawn_twice", last_word=None)
    for who in (cast.police_other_team, cast.hub_team, cast.social_worker, cast.nurse, cast.stranger):
        assert (who.id, MAIL, "missing_double") in told, who.name
    assert of_event(rows, "missing_withdrawn") == set(), "nobody hears that there was no such episode"
    sent = rows.scalars(select(OutboxMessage).filter_by(event="missing_withdrawn_twice", channel=MAIL)).all()
    assert all(one.urgent for one in sent), "whoever was called out at any hour hears it at any hour"
    about = set(
        rows.scalars(
            select(OutboxSubject.reference).where(OutboxSubject.message_id.in_([one.id for one in sent]))
        )
    )
    assert about == {double.reference}, "the other report is named to whoever sees it, on the page"
    rows.expire_all()
    assert rows.get_one(MissingEpisode, double.id).double_of == first.id
    assert of_event(rows, "missing_still", last_word=None) == set()


def test_the_police_who_know_who_the_child_is_read_of_the_other_report_that_goes_on_though_they_read_no_case(
    rows: Session, cast: Cast, child: Child, acting: Acting, client_for: ClientFor
) -> None:
    first = reports(acting, cast.social_worker, child=child)
    double = also(acting, cast.stranger, child)
    desk = client_for(cast.neighbour)
    for one, other in ((first, double), (double, first)):
        said = desk.soup(f"/missing/{one.reference}").select_one(".govuk-inset-text")
        assert said is not None
        assert other.reference in said.get_text()
    returns(acting, cast.neighbour, first)
    still = desk.soup(f"/missing/{first.reference}").select_one(".govuk-inset-text")
    assert still is not None
    assert f"still reported missing: {double.reference}" in still.get_text(" ", strip=True)
    goes_on = desk.soup(f"/missing/{double.reference}").select_one(".govuk-inset-text")
    assert goes_on is not None
    says = " ".join(goes_on.get_text().split())
    assert f"By another report of the child, {first.reference}, the child is back" in says
    assert first.reference not in client_for(cast.stranger).get(f"/missing/{double.reference}").text


def test_the_child_is_back_by_one_report_and_whoever_may_know_hears_that_another_goes_on(
    rows: Session, cast: Cast, child: Child, acting: Acting, client_for: ClientFor
) -> None:
    """The desk says so: its page names the other, and so does what those hear who look for the child."""
    first = reports(acting, cast.social_worker, child=child)
    double = also(acting, cast.stranger, child)
    desk = client_for(cast.neighbour)
    page, back = f"/missing/{first.reference}", typed("found_on", clock.now(), "found_at")
    sent = {"how": "police", "injuries": "None seen", "version": "1"}
    assert desk.submit(f"{page}/found", sent | back).status_code == 303
    assert f"{double.reference} still says that the child is missing" in desk.soup(page).get_text()
    told = of_event(rows, "missing_still", last_word=None)
    for who in (cast.hub_team, cast.social_worker, cast.nurse):
        assert (who.id, MAIL, "missing_still") in told, who.name
    not_told = {cast.stranger.id, cast.school_team.id, cast.neighbour.id}
    assert not {who for who, _, _ in told} & not_told
    mails = rows.scalars(select(OutboxMessage).filter_by(event="missing_still", channel=MAIL)).all()
    assert all(one.urgent for one in mails)
    message = next(one for one in mails if one.recipient_id == cast.nurse.id)
    led = client_for(cast.nurse).get(f"/go/{message.id}", follow_redirects=True).text
    assert double.reference in led, "it opens the report, which names the other to whoever reads both"


def test_of_a_child_who_is_back_and_was_reported_once_nobody_hears_of_another(
    rows: Session, cast: Cast, child: Child, acting: Acting
) -> None:
    first = reports(acting, cast.social_worker, child=child)
    reports(acting, cast.stranger, name="Pellory Vantongue")
    returns(acting, cast.neighbour, first)
    assert of_event(rows, "missing_still", last_word=None) == set()


@pytest.mark.parametrize("back", [True, False])
@pytest.mark.parametrize(
    ("held", "hears"), [(Sensitivity.SEALED, set()), (Sensitivity.RESTRICTED, {"hub_team"})]
)
def test_of_a_child_who_is_closely_held_nobody_hears_of_another_report_who_may_read_neither(
    rows: Session,
    cast: Cast,
    child: Child,
    case: Case,
    acting: Acting,
    held: Sensitivity,
    hears: set[str],
    back: bool,
) -> None:
    """Whoever is named reads both, and of a restricted case the hub. The desk, the front doors and, of
    a sealed one, the hub were told of each report, and not that they are of one child."""
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    for person in (cast.social_worker, cast.second_coordinator):
        grant(rows, case, person, by=cast.second_coordinator)
    rows.get_one(Case, case.id).sensitivity = int(held)
    rows.commit()
    first = also(acting, cast.teacher, child)
    also(acting, cast.stranger, child)
    if back:
        returns(acting, cast.teacher, first)
    else:
        withdrawn(acting, cast.teacher, first)
    told = {who for who, way, _ in of_event(rows, "missing_still", last_word=None) if way == MAIL}
    named = {cast.social_worker.id, cast.second_coordinator.id}
    assert told == named | {getattr(cast, one).id for one in hears}


def test_where_the_other_report_is_over_it_says_how_it_went_on(
    rows: Session, cast: Cast, child: Child, acting: Acting
) -> None:
    first = reports(acting, cast.social_worker, child=child)
    double = also(acting, cast.stranger, child)
    returns(acting, cast.officer, first)
    until_then = of_event(rows, "missing_still", last_word=None)
    withdrawn(acting, cast.officer, double, double_of=first.reference)
    told = of_event(rows, "missing_withdrawn_over", last_word=None)
    for who in (cast.police_other_team, cast.hub_team, cast.social_worker, cast.stranger):
        assert (who.id, MAIL, "missing_double_over") in told, who.name
    assert of_event(rows, "missing_still", last_word=None) == until_then, "nothing more goes on"


def test_that_there_was_no_such_episode_ends_nothing_while_another_report_runs_which_the_page_does_not_say(
    rows: Session, cast: Cast, child: Child, acting: Acting
) -> None:
    """Whoever withdraws may know of no other report, nor of the child: the page is the same of any child."""
    other = reports(acting, cast.social_worker, child=child)
    double = also(acting, cast.stranger, child)
    nobody = reports(acting, cast.stranger, name="Pellory Vantongue")
    said = withdrawn(acting, cast.stranger, double)
    assert said.replace(double.reference, "") == withdrawn(acting, cast.stranger, nobody).replace(
        nobody.reference, ""
    )
    assert other.reference not in said
    told = of_event(rows, "missing_still", last_word=None)
    desks = {(one.id, MAIL, "missing_still") for one in (cast.police_other_team, cast.hub_team)}
    around = {(one.id, MAIL, "missing_still") for one in (cast.social_worker, cast.nurse)}
    assert desks | around <= told
    not_told = {cast.stranger.id, cast.school_team.id}
    assert not {who for who, _, _ in told} & not_told, "whoever merely reported the child learns nothing"
    about = OutboxMessage.id == OutboxSubject.message_id
    subjects = select(OutboxSubject.reference).join(OutboxMessage, about)
    named = rows.scalars(subjects.where(OutboxMessage.event == "missing_still")).all()
    assert set(named) == {double.reference}, "once, and of no child who is not reported twice"


def test_it_can_be_a_double_of_a_report_alone_that_stands_and_that_one_sees(
    rows: Session, cast: Cast, child: Child, case: Case, acting: Acting
) -> None:
    first = reports(acting, cast.social_worker, child=child)
    double = also(acting, cast.stranger, child)
    for named in (first.reference, double.reference, "MIS-0000-0000", "nonsense"):
        with pytest.raises(DomainError, match="no other report with this reference that you see"):
            withdrawn(acting, cast.stranger, double, double_of=named)
    withdrawn(acting, cast.officer, first, double_of=double.reference)
    with pytest.raises(DomainError, match="was withdrawn itself"):
        withdrawn(acting, cast.officer, double, double_of=first.reference)


def test_the_form_offers_the_other_report_to_whoever_sees_it_and_the_page_says_which_goes_on(
    rows: Session, cast: Cast, child: Child, acting: Acting, client_for: ClientFor
) -> None:
    first = reports(acting, cast.social_worker, child=child)
    double = also(acting, cast.stranger, child)
    page = f"/missing/{double.reference}"
    officer, stranger = client_for(cast.officer), client_for(cast.stranger)
    assert f"{first.reference} goes on" in officer.soup(f"{page}/withdraw").get_text()
    assert first.reference not in stranger.get(f"{page}/withdraw").text
    sent = {"reason": "The same evening", "version": "1"}
    assert "Choose why it is withdrawn" in officer.submit(f"{page}/withdraw", sent).text
    unnamed = officer.submit(f"{page}/withdraw", sent | {"why": "twice"})
    assert "Enter the reference of the other report" in unnamed.text
    typed = officer.submit(f"{page}/withdraw", sent | {"why": "twice", "other": "MIS-0000-0000"})
    assert typed.status_code == 422
    assert officer.submit(f"{page}/withdraw", sent | {"why": first.reference}).status_code == 303
    after = officer.soup(page).get_text()
    assert "that the child was reported twice and is still missing" in after
    assert f"is still missing: {first.reference}" in after
    theirs = stranger.soup(page).get_text()
    assert "The other report is not shown to you, and the portal does not tell you how it ends" in theirs
    assert first.reference not in theirs
    returns(acting, cast.officer, first)
    assert "still missing" not in officer.soup(page).get_text()


def test_withdrawn_as_none_the_page_says_by_which_other_report_the_child_is_missing_to_whoever_knows(
    rows: Session, cast: Cast, child: Child, acting: Acting, client_for: ClientFor
) -> None:
    first = reports(acting, cast.social_worker, child=child)
    double = also(acting, cast.stranger, child)
    withdrawn(acting, cast.stranger, double)
    page = f"/missing/{double.reference}"
    theirs = client_for(cast.stranger).get(page).text
    assert "missing by another report" not in theirs
    assert first.reference not in theirs
    assert "missing by another report" in client_for(cast.officer).get(page).text


def test_of_a_sealed_child_a_second_agency_and_a_colleague_read_of_the_double_what_they_read_before(
    rows: Session, cast: Cast, child: Child, case: Case, acting: Acting, asking: Asking, client_for: ClientFor
) -> None:
    """Who is named on the case sees both and withdraws the one; the other team of whoever reported reads that
    it was reported twice, and not by which."""
    grant(rows, case, cast.second_coordinator, by=cast.second_coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    first = reports(acting, cast.second_coordinator, child=child)
    double = also(acting, cast.teacher, child)
    withdrawn(acting, cast.second_coordinator, double, double_of=first.reference)
    for person, reads in ((cast.teacher, True), (cast.stranger, False), (cast.neighbour, False)):
        with asking(person) as session:
            assert session.get(MissingEpisode, first.id) is None, person.name
            assert (session.get(MissingEpisode, double.id) is not None) is reads, person.name
    theirs = client_for(cast.teacher).get(f"/missing/{double.reference}").text
    assert first.reference not in theirs
    assert "not shown to you" in theirs
    assert (cast.police_other_team.id, MAIL, "missing_double") in of_event(
        rows, "missing_withdrawn_twice", last_word=None
    ), "the desk goes on looking"


def test_a_report_that_says_that_the_child_is_back_is_no_double_of_one_that_goes_on(
    rows: Session, cast: Cast, acting: Acting, child: Child
) -> None:
    first = reports(acting, cast.officer, child=child)
    second = also(acting, cast.teacher, child)
    returns(acting, cast.officer, first)
    with pytest.raises(DomainError, match=f"the child is back, by {second.reference} still missing"):
        withdrawn(acting, cast.officer, first, double_of=second.reference)
    withdrawn(acting, cast.officer, second, double_of=first.reference)
    assert not of_event(rows, "missing_withdrawn_twice")


def test_a_report_on_another_record_is_no_double_until_somebody_says_that_it_is_one_child(
    rows: Session, cast: Cast, acting: Acting, child: Child
) -> None:
    first = reports(acting, cast.officer, child=child)
    other = reports(acting, cast.officer, name="Ossiwen Brackenthwaite")
    with pytest.raises(DomainError, match=f"{other.reference} is of another child’s record"):
        withdrawn(acting, cast.officer, first, double_of=other.reference)


def test_whoever_sees_no_record_cannot_name_a_report_of_another_child_and_reads_how_to_report_again(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    """One mistyped reference, and nobody looks for the child: what was reported has to be of one child."""
    first = reports(acting, cast.teacher, name="Ossiwen Brackenthwaite")
    another = reports(acting, cast.teacher, name="Pellory Vantongue", dob=date(2010, 9, 9))
    younger = reports(acting, cast.teacher, name="Ossiwen Brackenthwaite", dob=date(2013, 2, 2))
    same = reports(acting, cast.teacher, name="Brackenthwaite, Ossiwen")
    for other in (another, younger):
        with pytest.raises(DomainError, match="reported with another name or date of birth"):
            withdrawn(acting, cast.teacher, first, double_of=other.reference)
    rows.expire_all()
    assert rows.get_one(MissingEpisode, first.id).withdrawn_at is None
    withdrawn(acting, cast.teacher, first, double_of=same.reference)
    page = client_for(cast.teacher).soup(f"/missing/{first.reference}")
    again = page.find("a", string="report the child again")
    assert again is not None
    assert again["href"] == "/missing/report"
