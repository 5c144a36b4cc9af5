"""Alerts: an owner, a day of review within policy, at the head of every page, ended with a reason."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.records.cases.model import Alert, Case
from portal.records.children.model import Child
from portal.vocabulary import CaseState, Sensitivity
from portal.web import date_boxes
from tests.cases.pages import words
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import add_alert, grant, make_case, make_child

SOON = timedelta(days=30)


def typed(cast: Cast, review_on: date | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "no_family_contact",
        "text": "Ring Wanda first",
        "owner": str(cast.social_worker.id),
        **date_boxes.posted("review_on", review_on or clock.today() + SOON),
        "child_told": "yes",
        **changes,
    }


def reviews(rows: Session) -> list[tuple[str, date]]:
    found = rows.scalars(
        select(Deadline).where(Deadline.kind == DeadlineKind.ALERT_REVIEW).order_by(Deadline.id)
    )
    return [(one.state, clock.local(one.due_at).date()) for one in found]


def test_an_alert_has_an_owner_and_a_review_that_is_due(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    assert client.submit(f"/cases/{case.reference}/alerts/new", typed(cast)).status_code == 303
    alert = rows.scalars(select(Alert)).one()
    assert (alert.owner_id, alert.review_on) == (cast.social_worker.id, clock.today() + SOON)
    deadline = rows.scalars(select(Deadline).where(Deadline.kind == DeadlineKind.ALERT_REVIEW)).one()
    assert (deadline.subject_id, deadline.case_id, deadline.owner_id) == (
        alert.id,
        case.id,
        cast.social_worker.id,
    )
    strip = words(client.soup(f"/cases/{case.reference}"), ".app-alerts")
    for shown in ("Do not contact the family", "Ring Wanda first", "Owner: Wanda Worker", "Review by"):
        assert shown in strip


def test_an_alert_that_is_sent_twice_stands_once(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    answers = [client.submit(f"/cases/{case.reference}/alerts/new", typed(cast)) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 422]
    assert len(rows.scalars(select(Alert)).all()) == 1


def test_alerts_stand_at_the_head_of_every_page_of_a_case(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    alert = add_alert(rows, case, cast.social_worker)
    client = client_for(cast.coordinator)
    for address in (
        "",
        "/print",
        "/entries/new",
        "/alerts/new",
        f"/alerts/{alert.id}/review",
        f"/alerts/{alert.id}/end",
        "/network/add",
        f"/network/add?team={cast.council_team.id}",
        "/lead",
        f"/lead?team={cast.health_team.id}",
        "/named/new",
        "/sensitivity",
    ):
        page = client.soup(f"/cases/{case.reference}{address}")
        assert "Ring Wanda before any call" in words(page, ".app-alerts"), address
        assert "OFFICIAL-SENSITIVE" in words(page), address


def test_an_alert_on_a_case_that_has_ended_says_that_nobody_is_asked_to_review_it(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    add_alert(rows, case, cast.social_worker, "Quillwarn")
    reference = rows.get_one(Child, case.child_id).reference
    pages = (f"/cases/{case.reference}", f"/children/{reference}", f"/children/{reference}/chronology")
    client = client_for(cast.social_worker)
    for page in pages:
        said = words(client.soup(page))
        assert "Review by " in said, page
        assert "nobody is asked to review it" not in said, page
    case.state, case.closed_at = CaseState.CLOSED, clock.now()
    rows.commit()
    for page in pages:
        strip = client.soup(page).find(class_="app-alerts")
        assert strip is not None, page
        said = strip.get_text(" ", strip=True)
        assert "Quillwarn" in said, page
        assert "The case has ended, so nobody is asked to review it" in said, page
        assert "Review by" not in said, page


def test_every_template_about_a_case_has_the_alerts() -> None:
    without = {"index.html", "notice.html", "ask_access.html"}  # for people who do not read the case
    for path in Path("portal/templates/cases").glob("*.html"):
        source = path.read_text("utf-8")
        if "{% extends" in source and path.name not in without:
            for layout, head in (("case", "cases/_frame"), ("on_case", "layouts/on_case")):
                if f"layouts/{layout}.html" in source:
                    source = Path(f"portal/templates/{head}.html").read_text("utf-8")
            assert "ui.alert_strip(alert_strip)" in source, f"put the alerts at the head of {path.name}"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": ""}, "Choose the kind of alert"),
        ({"text": ""}, "Say what people must know"),
        ({"owner": ""}, "Choose who answers for it"),
        ({"child_told": ""}, "Choose whether the child knows"),
        ({"child_told": "no"}, "Say why the child has not been told"),
        ({"kind": "missing_now"}, "at the latest"),
        (date_boxes.posted("review_on", date(2020, 1, 1)), "in the future"),
    ],
)
def test_an_alert_that_lacks_something_is_not_made(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, changes: dict[str, Any], problem: str
) -> None:
    response = client_for(cast.nurse).submit(f"/cases/{case.reference}/alerts/new", typed(cast, **changes))
    assert response.status_code == 422
    assert problem in response.text
    assert not rows.scalars(select(Alert)).all()


def test_an_alert_is_not_owned_by_somebody_outside_the_case(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    response = client_for(cast.nurse).submit(
        f"/cases/{case.reference}/alerts/new", typed(cast, owner=str(cast.stranger.id))
    )
    assert response.status_code == 422


def test_a_review_keeps_the_words_and_moves_the_day(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    client.submit(f"/cases/{case.reference}/alerts/new", typed(cast))
    alert = rows.scalars(select(Alert)).one()
    later = clock.today() + SOON * 2
    response = client.submit(
        f"/cases/{case.reference}/alerts/{alert.id}/review",
        {"owner": str(cast.nurse.id), **date_boxes.posted("review_on", later), "version": "1"},
    )
    assert response.status_code == 303
    rows.expire_all()
    assert (alert.owner_id, alert.review_on, alert.text) == (cast.nurse.id, later, "Ring Wanda first")
    assert reviews(rows) == [
        (DeadlineState.DONE, clock.today() + SOON),
        (DeadlineState.OPEN, later),
    ]


def test_two_people_who_review_an_alert_are_shown_both(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    alert = add_alert(rows, case, cast.social_worker)
    address = f"/cases/{case.reference}/alerts/{alert.id}/review"
    first = {"owner": str(cast.nurse.id), **date_boxes.posted("review_on", clock.today() + SOON)}
    client_for(cast.coordinator).submit(address, {**first, "version": "1"})
    second = client_for(cast.social_worker).submit(
        address,
        {
            "owner": str(cast.officer.id),
            **date_boxes.posted("review_on", clock.today() + SOON * 2),
            "version": "1",
        },
    )
    assert second.status_code == 409
    assert "Nell Nurse" in second.text
    assert "Ola Officer" in second.text
    rows.expire_all()
    assert alert.owner_id == cast.nurse.id


def test_an_alert_ends_with_a_reason_and_stays_on_record(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    client.submit(f"/cases/{case.reference}/alerts/new", typed(cast))
    alert = rows.scalars(select(Alert)).one()
    address = f"/cases/{case.reference}/alerts/{alert.id}/end"
    assert client.submit(address, {"reason": "", "version": "1"}).status_code == 422
    assert client.submit(address, {"reason": "The family knows", "version": "1"}).status_code == 303
    rows.expire_all()
    assert (alert.ended_by, alert.end_reason) == (cast.social_worker.id, "The family knows")
    assert client.soup(f"/cases/{case.reference}").select_one(".app-alerts") is None
    assert [state for state, _ in reviews(rows)] == [DeadlineState.DONE]


def test_whoever_comes_too_late_to_an_alert_reads_how_it_ended_and_keeps_what_they_typed(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    alert = add_alert(rows, case, cast.nurse)
    address = f"/cases/{case.reference}/alerts/{alert.id}"
    lead, owner = client_for(cast.social_worker), client_for(cast.nurse)
    assert lead.submit(f"{address}/end", {"reason": "He says so", "version": "1"}).status_code == 303
    later = date_boxes.posted("review_on", clock.today() + SOON * 2)
    for page, typed_before, kept in (
        ("review", {"owner": str(cast.nurse.id), **later}, str((clock.today() + SOON * 2).year)),
        ("end", {"reason": "Not so any more"}, "Not so any more"),
    ):
        late = owner.submit(f"{address}/{page}", {**typed_before, "version": "1"})
        assert late.status_code == 422
        for words_said in (f"This alert was ended by {cast.social_worker.name}: “He says so”", kept):
            assert words_said in late.text, page
        opened = owner.get(f"{address}/{page}", follow_redirects=True)
        assert "This alert was ended by" in opened.text
        assert opened.request.path == f"/cases/{case.reference}"
        for person, status in ((cast.officer, 403), (cast.stranger, 404)):
            refused = client_for(person).get(f"{address}/{page}")
            assert refused.status_code == status
            assert "He says so" not in refused.text
    rows.expire_all()
    assert alert.end_reason == "He says so"


def test_only_its_owner_the_lead_or_a_coordinator_changes_an_alert(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    alert = add_alert(rows, case, cast.nurse)
    for person, status in (
        (cast.nurse, 200),
        (cast.social_worker, 200),
        (cast.coordinator, 200),
        (cast.officer, 403),
        (cast.stranger, 404),
    ):
        for page in ("review", "end"):
            response = client_for(person).get(f"/cases/{case.reference}/alerts/{alert.id}/{page}")
            assert response.status_code == status, person.name


def test_an_alert_of_another_case_is_not_found(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = make_case(rows, make_child(rows), lead=cast.police, opened_by=cast.coordinator)
    elsewhere = add_alert(rows, other, cast.coordinator)
    for page in ("review", "end"):
        address = f"/cases/{case.reference}/alerts/{elsewhere.id}/{page}"
        assert client_for(cast.coordinator).get(address).status_code == 404


def test_of_an_owner_who_does_not_see_the_case_it_says_so_and_who_answers_for_the_case_chooses_another(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    add_alert(rows, case, cast.officer)
    page, unseen = f"/cases/{case.reference}", f"{cast.officer.name} (does not see this case)"
    asks = "Nobody who sees this case answers for the alert “Do not contact the family”"
    seen = words(client_for(cast.coordinator).soup(page))
    assert f"Owner: {cast.officer.name}." in seen
    assert asks not in seen
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    named = grant(rows, case, cast.nurse, by=cast.coordinator)
    for who, asked in ((cast.coordinator, True), (cast.nurse, False)):
        for place in (page, f"{page}/manage"):
            soup = client_for(who).soup(place)
            assert unseen in words(soup)
            assert (asks in words(soup)) is asked
    client = client_for(cast.coordinator)
    child = rows.get_one(Child, case.child_id)
    assert unseen in client.get(f"/children/{child.reference}").text
    (alert,) = rows.scalars(select(Alert)).all()
    link = f"{page}/alerts/{alert.id}/review"
    assert client.soup(page).find("a", href=link)
    said = {
        "owner": str(cast.nurse.id),
        **date_boxes.posted("review_on", clock.today() + SOON),
        "version": "1",
    }
    assert client.submit(link, said).status_code == 303
    assert asks not in words(client.soup(page))
    assert named.ends_at is None
