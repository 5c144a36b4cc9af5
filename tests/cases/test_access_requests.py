"""Asking for access to a case of which one only sees that it exists."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.records.cases.grants import end_grant
from portal.records.cases.model import AccessGrant, Case
from portal.records.requests.model import AccessRequest
from portal.vocabulary import Sensitivity
from tests.cases.conftest import Acting
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant
from tests.told import look_at

REASON = "The child told us something yesterday"


@pytest.fixture(autouse=True)
def restricted(rows: Session, case: Case) -> None:
    """The case is closely held: the teams on it see that it exists."""
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()


def ask(client_for: ClientFor, cast: Cast, case: Case) -> None:
    answer = client_for(cast.officer).submit(f"/cases/{case.reference}/ask-for-access", {"reason": REASON})
    assert answer.status_code == 303


def asked(rows: Session) -> AccessRequest:
    rows.expire_all()
    return rows.scalars(select(AccessRequest)).one()


def test_the_lead_professional_and_the_hub_are_told_and_nobody_else(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    ask(client_for, cast, case)
    told = look_at(rows.scalars(select(OutboxMessage).filter_by(kind="access_asked")))
    assert {one.recipient_id for one in told if one.recipient_id} == {
        cast.social_worker.id,
        cast.coordinator.id,
        cast.second_coordinator.id,
    }
    assert {one.recipient_team_id for one in told if one.recipient_team_id} == {cast.hub_team.id}
    about = rows.scalars(select(OutboxSubject)).all()
    assert {(one.subject_id, one.reference) for one in about} == {(asked(rows).id, case.reference)}


def test_where_the_lead_does_not_read_the_case_a_manager_there_who_does_is_told(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    grant(rows, case, cast.social_care_manager, by=cast.coordinator)
    ask(client_for, cast, case)
    told = look_at(rows.scalars(select(OutboxMessage).filter_by(kind="access_asked")))
    people = {one.recipient_id for one in told}
    assert cast.social_care_manager.id in people
    assert not {cast.social_worker.id, cast.police_manager.id, cast.stranger.id} & people


def test_asking_twice_asks_once(rows: Session, cast: Cast, case: Case, client_for: ClientFor) -> None:
    ask(client_for, cast, case)
    before = len(rows.scalars(select(OutboxMessage)).all())
    ask(client_for, cast, case)
    assert asked(rows).reason == REASON
    assert len(rows.scalars(select(OutboxMessage)).all()) == before


def test_the_page_of_asking_shows_nothing_of_the_child(cast: Cast, case: Case, client_for: ClientFor) -> None:
    page = client_for(cast.officer).get(f"/cases/{case.reference}/ask-for-access")
    assert page.status_code == 200
    assert "Ada" not in page.text
    assert client_for(cast.stranger).get(f"/cases/{case.reference}/ask-for-access").status_code == 404


def test_without_a_reason_nothing_is_asked(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    answer = client_for(cast.officer).submit(f"/cases/{case.reference}/ask-for-access", {"reason": "  "})
    assert answer.status_code == 422
    assert "Say why you need to read the case" in answer.text
    assert rows.scalars(select(AccessRequest)).all() == []


@pytest.mark.parametrize("who", ["coordinator", "social_worker"])
def test_a_yes_names_the_person_and_tells_them(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str
) -> None:
    if who == "social_worker":  # the lead professional is named on a case that is closely held
        grant(rows, case, cast.social_worker, by=cast.coordinator)
    ask(client_for, cast, case)
    answer = client_for(getattr(cast, who)).submit(
        f"/cases/{case.reference}/access/{asked(rows).id}", {"decision": "grant", "answer": "Needed"}
    )
    assert answer.status_code == 303
    assert asked(rows).granted is True
    grants = rows.scalars(select(AccessGrant).where(AccessGrant.user_id == cast.officer.id)).all()
    assert len(grants) == 1
    assert client_for(cast.officer).get(f"/cases/{case.reference}").text.count("Ada") > 0
    (told,) = look_at(rows.scalars(select(OutboxMessage).filter_by(kind="access_answered")))
    assert told.recipient_id == cast.officer.id


def test_a_no_is_told_with_its_reason_and_opens_nothing(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    grant(rows, case, cast.social_worker, by=cast.coordinator)  # who leads it is named on it
    ask(client_for, cast, case)
    client_for(cast.coordinator).submit(
        f"/cases/{case.reference}/access/{asked(rows).id}", {"decision": "refuse", "answer": "Ring us"}
    )
    page = client_for(cast.officer).get(f"/cases/{case.reference}")
    assert "Ring us" in page.text
    assert "Ada" not in page.text
    told = rows.scalars(select(OutboxMessage).filter_by(event="access_answered")).all()
    assert {(one.recipient_id, one.kind) for one in told if one.recipient_id} == {
        (cast.officer.id, "access_answered"),
        (cast.second_coordinator.id, "access_settled"),
        (cast.social_worker.id, "access_settled"),
    }
    assert rows.scalars(select(AccessGrant).where(AccessGrant.user_id == cast.officer.id)).all() == []


def test_the_second_of_two_answers_changes_nothing(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    ask(client_for, cast, case)
    place = f"/cases/{case.reference}/access/{asked(rows).id}"
    client_for(cast.coordinator).submit(place, {"decision": "refuse", "answer": "First"})
    client = client_for(cast.second_coordinator)
    second = client.submit(place, {"decision": "grant", "answer": "Second"})
    assert second.status_code == 422
    for said in ("A colleague has answered while you were choosing", "First", "Second"):
        assert said in second.text
    again = client.get(place, follow_redirects=True)
    assert f"{cast.coordinator.name} answered on " in again.text
    assert "they may not read it" in again.text
    assert (asked(rows).granted, asked(rows).answer) == (False, "First")
    assert rows.scalars(select(AccessGrant).where(AccessGrant.user_id == cast.officer.id)).all() == []


def test_the_list_says_who_answered_and_how_to_those_who_could_have_answered(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    ask(client_for, cast, case)
    place = f"/cases/{case.reference}/access"
    client_for(cast.coordinator).submit(
        f"{place}/{asked(rows).id}", {"decision": "grant", "answer": "Needed"}
    )
    said = client_for(cast.second_coordinator).soup(place).get_text(" ", strip=True)
    assert "Nobody is waiting" in said
    assert f"{cast.officer.name}, {cast.police.name}: {cast.coordinator.name} answered on " in said
    assert said.count("they may read it") == 1
    assert client_for(cast.officer).get(place).status_code == 403
    assert client_for(cast.stranger).get(place).status_code == 404


def test_access_that_ended_is_said_to_whoever_had_it_when_and_by_whom_and_to_nobody_else(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting
) -> None:
    ask(client_for, cast, case)
    here = f"/cases/{case.reference}"
    client_for(cast.coordinator).submit(
        f"{here}/access/{asked(rows).id}", {"decision": "grant", "answer": "Needed"}
    )
    assert "Your access ended" not in client_for(cast.officer).get(here).text
    held = rows.scalars(select(AccessGrant).filter_by(user_id=cast.officer.id)).one()
    with acting(cast.second_coordinator) as actor:
        end_grant(actor=actor, case=db.session.get_one(Case, case.id), grant_id=held.id)
    said = client_for(cast.officer).soup(here).get_text(" ", strip=True)
    assert "Your access ended on " in said
    assert f"{cast.second_coordinator.name} ended it." in said
    assert "Ada" not in said
    for other in (cast.police_manager, cast.chair):
        assert "Your access ended" not in client_for(other).get(here).text
    assert client_for(cast.stranger).get(here).status_code == 404


def test_whoever_asked_cannot_answer_and_a_worker_on_the_case_cannot_either(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    ask(client_for, cast, case)
    place = f"/cases/{case.reference}/access/{asked(rows).id}"
    assert client_for(cast.officer).get(place).status_code == 403
    assert client_for(cast.stranger).get(place).status_code == 404


def test_asking_and_answering_leave_their_trail(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    ask(client_for, cast, case)
    client_for(cast.coordinator).submit(
        f"/cases/{case.reference}/access/{asked(rows).id}", {"decision": "refuse", "answer": "No"}
    )
    kinds = set(rows.scalars(select(AuditEvent.action).where(AuditEvent.case_id == case.id)))
    assert {"access:ask", "access:answer"} <= kinds
