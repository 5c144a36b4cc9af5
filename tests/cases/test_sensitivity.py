"""How closely a case is held: raised by one with a reason, lowered by two, read by those who are named."""

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.records.cases.model import AccessGrant, Case, SensitivityChange
from portal.records.cases.vocabulary import GrantKind
from portal.records.people.model import Agency, User
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cases.pages import words
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant


def reads(asking: Asking, person: User, model: type = Case) -> bool:
    with asking(person) as session:
        return session.scalar(select(func.count()).select_from(model)) == 1


def change(client: Any, case: Case, to: Sensitivity, **changes: Any) -> Any:
    return client.submit(
        f"/cases/{case.reference}/sensitivity",
        {"to": str(int(to)), "reason": "A relative works here", "version": str(case.version), **changes},
    )


def held(rows: Session, case: Case, sensitivity: Sensitivity) -> None:
    case.sensitivity = int(sensitivity)
    rows.commit()


def test_restricting_leaves_the_hub_and_named_people(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    response = change(client_for(cast.coordinator), case, Sensitivity.RESTRICTED, named=[str(cast.nurse.id)])
    assert response.status_code == 303
    assert [
        reads(asking, one) for one in (cast.coordinator, cast.social_worker, cast.nurse, cast.officer)
    ] == [
        True,
        True,
        True,
        False,
    ]
    kept = rows.scalars(select(SensitivityChange)).one()
    assert (kept.before, kept.after, kept.reason) == (0, 1, "A relative works here")


def test_sealing_keeps_a_coordinator_and_a_person_of_the_lead_agency_and_tells_nobody_else(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    rows.scalars(select(Deadline)).one().owner_team_id = cast.police_team.id
    rows.commit()
    response = change(client_for(cast.coordinator), case, Sensitivity.SEALED)
    assert response.status_code == 303
    assert set(rows.scalars(select(AccessGrant.user_id))) == {cast.coordinator.id, cast.social_worker.id}
    for person in (cast.officer, cast.second_coordinator, cast.social_care_manager, cast.nurse):
        assert not reads(asking, person), person.name
        assert not reads(asking, person, Deadline), f"{person.name} and the deadline"
    assert reads(asking, cast.social_worker)
    page = client_for(cast.coordinator).soup("/cases?whose=mine")
    assert "Sealed" in words(page)


def test_the_lead_professional_may_seal_and_a_coordinator_is_needed_then(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client, address = client_for(cast.social_worker), f"/cases/{case.reference}/sensitivity"
    refused = change(client, case, Sensitivity.SEALED)
    assert refused.status_code == 422
    assert "Choose a coordinator: without one nobody at the hub reads what comes in" in refused.text
    assert "A relative works here" in refused.text, "nothing that was typed is lost"
    assert rows.scalars(select(Case.sensitivity)).one() == Sensitivity.NORMAL
    assert not rows.scalars(select(AccessGrant)).all()
    offered = {str(one["value"]) for one in client.soup(address).select("input[name=named]")}
    assert {str(cast.coordinator.id), str(cast.second_coordinator.id)} <= offered
    assert change(client, case, Sensitivity.SEALED, named=[str(cast.coordinator.id)]).status_code == 303
    rows.expire_all()
    assert rows.scalars(select(Case.sensitivity)).one() == Sensitivity.SEALED
    assert set(rows.scalars(select(AccessGrant.user_id))) == {cast.coordinator.id, cast.social_worker.id}
    assert client_for(cast.coordinator).get(f"/cases/{case.reference}").status_code == 200
    assert client_for(cast.second_coordinator).get(f"/cases/{case.reference}").status_code == 404


def test_whoever_is_named_already_and_coordinates_is_enough(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    assert change(client_for(cast.social_worker), case, Sensitivity.SEALED).status_code == 303
    assert rows.scalars(select(Case.sensitivity)).one() == Sensitivity.SEALED


def test_the_database_seals_no_case_without_a_coordinator(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    for person in (cast.social_worker, cast.coordinator):
        with asking(person) as session, pytest.raises(DBAPIError, match="keeps a coordinator"):
            session.execute(text("update cre_case set sensitivity = 2"))
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    with asking(cast.social_worker) as session:
        session.execute(text("update cre_case set sensitivity = 2"))
        session.commit()
    rows.expire_all()
    assert rows.get_one(Case, case.id).sensitivity == Sensitivity.SEALED


@pytest.mark.parametrize("who", ["officer", "nurse", "social_care_manager"])
def test_nobody_else_changes_how_closely_it_is_held(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str
) -> None:
    client = client_for(getattr(cast, who))
    assert change(client, case, Sensitivity.RESTRICTED).status_code == 403
    assert rows.scalars(select(Case.sensitivity)).one() == Sensitivity.NORMAL


def test_two_people_who_raise_it_are_shown_both(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    change(client_for(cast.coordinator), case, Sensitivity.RESTRICTED)
    second = change(client_for(cast.second_coordinator), case, Sensitivity.SEALED, version="1")
    assert second.status_code == 409
    assert "Restricted" in second.text


def test_lowering_waits_for_a_second_person(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    held(rows, case, Sensitivity.RESTRICTED)
    first, second = client_for(cast.coordinator), client_for(cast.second_coordinator)
    assert change(first, case, Sensitivity.NORMAL).status_code == 303
    assert not reads(asking, cast.officer), "asking changes nothing"
    waiting = rows.scalars(select(SensitivityChange)).one()
    agree = f"/cases/{case.reference}/sensitivity/{waiting.id}/agree"
    assert first.submit(agree).status_code == 403
    assert "You asked for this" in words(first.soup(f"/cases/{case.reference}/sensitivity/confirm"))
    assert "held less closely" in words(second.soup(f"/cases/{case.reference}"))
    assert second.submit(agree).status_code == 303
    assert reads(asking, cast.officer)
    assert second.submit(agree).status_code == 404, "sent twice, it is done once"


def test_the_second_person_may_say_no(rows: Session, cast: Cast, case: Case, client_for: ClientFor) -> None:
    held(rows, case, Sensitivity.RESTRICTED)
    change(client_for(cast.coordinator), case, Sensitivity.NORMAL)
    waiting = rows.scalars(select(SensitivityChange)).one()
    client = client_for(cast.second_coordinator)
    client.submit(f"/cases/{case.reference}/sensitivity/{waiting.id}/keep")
    rows.expire_all()
    assert case.sensitivity == Sensitivity.RESTRICTED
    assert client.get(f"/cases/{case.reference}/sensitivity/confirm").status_code == 404


def test_the_lead_professional_does_not_ask_to_lower(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    held(rows, case, Sensitivity.RESTRICTED)
    assert change(client_for(cast.social_worker), case, Sensitivity.NORMAL).status_code == 422


def test_the_database_refuses_one_person_who_lowers(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    held(rows, case, Sensitivity.RESTRICTED)
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="two people"):
        session.execute(text("update cre_case set sensitivity = 0"))


def test_people_are_named_by_their_work_address_and_taken_off(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    held(rows, case, Sensitivity.RESTRICTED)
    client = client_for(cast.coordinator)
    address = f"/cases/{case.reference}/named/new"
    wrong = client.submit(address, {"email": "nobody@example.org", "reason": "x"})
    assert wrong.status_code == 422
    assert (
        client.submit(address, {"email": cast.teacher.email.upper(), "reason": "Teaches them"}).status_code
        == 303
    )
    assert reads(asking, cast.teacher)
    given = rows.scalars(select(AccessGrant)).one()
    assert client.submit(f"/cases/{case.reference}/named/{given.id}/end").status_code == 303
    assert not reads(asking, cast.teacher)
    assert client.submit(f"/cases/{case.reference}/named/{given.id}/end").status_code == 404


def test_an_administrator_cannot_be_named(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    response = client_for(cast.coordinator).submit(
        f"/cases/{case.reference}/named/new", {"email": cast.administrator.email, "reason": "x"}
    )
    assert response.status_code == 422
    assert not rows.scalars(select(AccessGrant)).all()


def test_a_sealed_case_keeps_its_last_coordinator(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    change(client_for(cast.coordinator), case, Sensitivity.SEALED)
    own = rows.scalars(select(AccessGrant).where(AccessGrant.user_id == cast.coordinator.id)).one()
    client = client_for(cast.coordinator)
    refused = client.submit(f"/cases/{case.reference}/named/{own.id}/end")
    assert refused.status_code == 422
    assert "keeps a coordinator" in refused.text
    rows.expire_all()
    assert own.ends_at is None


def test_who_names_is_a_coordinator_or_the_lead_professional(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    grant(rows, case, cast.officer, by=cast.coordinator)
    held(rows, case, Sensitivity.RESTRICTED)
    response = client_for(cast.officer).submit(
        f"/cases/{case.reference}/named/new", {"email": cast.colleague.email, "reason": "x"}
    )
    assert response.status_code == 403


def test_whoever_is_named_already_is_said_to_go_on_reading_it_and_is_no_box(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    grant(rows, case, cast.nurse, by=cast.coordinator)
    grant(rows, case, cast.chair, by=cast.coordinator, kind=GrantKind.MEETING)
    held(rows, case, Sensitivity.RESTRICTED)
    page = client_for(cast.coordinator).soup(f"/cases/{case.reference}/sensitivity")
    said = " ".join(page.get_text(" ").split())
    assert "Named already, and goes on reading it: " in said
    listed = said.partition("goes on reading it: ")[2].partition(". ")[0].split("; ")
    chairs = "(chair or note-taker of a meeting)"
    agencies = {one.id: one.name for one in rows.scalars(select(Agency))}
    assert set(listed) == {
        f"{cast.nurse.name}, {agencies[cast.nurse.agency_id]}",
        f"{cast.chair.name}, {agencies[cast.chair.agency_id]} {chairs}",
    }
    boxes = {one["value"] for one in page.select("input[name=named]")}
    assert str(cast.nurse.id) not in boxes
    assert str(cast.coordinator.id) in boxes
    sealed = change(client_for(cast.coordinator), case, Sensitivity.SEALED, named=[str(cast.coordinator.id)])
    assert sealed.status_code == 303, sealed.text
    assert sealed.location == f"/cases/{case.reference}", "whoever reads it still lands on it"
    assert reads(asking, cast.nurse), "as the page said"
    assert reads(asking, cast.chair)
    assert not reads(asking, cast.second_coordinator)


def test_whoever_loses_sight_by_it_lands_on_the_list(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    for kept in (cast.second_coordinator, cast.social_worker):
        grant(rows, case, kept, by=cast.coordinator)
    sealed = change(client_for(cast.coordinator), case, Sensitivity.SEALED)
    assert (sealed.status_code, sealed.location) == (303, "/cases"), sealed.text
