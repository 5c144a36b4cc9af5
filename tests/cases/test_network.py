"""Teams on a case: joining says what it opens and is on the ledger; workers, leads and leaving have rules."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import AccessGrant, Case, ChronologyEntry, Involvement
from portal.records.cases.opening import add_entry_from_referral, add_involvement, change_lead
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral
from portal.vocabulary import ReferralState, Sensitivity
from tests.access.test_reach import Asking
from tests.cases.conftest import Acting
from tests.cases.pages import words
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import add_entry, grant, involve, make_case, make_child


def reads(asking: Asking, person: User, model: type = Case) -> int:
    with asking(person) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def involvement_of(rows: Session, case: Case, team: Team) -> Involvement:
    return rows.scalars(
        select(Involvement).where(Involvement.case_id == case.id, Involvement.team_id == team.id)
    ).one()


def join(client: Any, case: Case, team: Team, **changes: str) -> Any:
    return client.submit(
        f"/cases/{case.reference}/network/add?team={team.id}", {"reason": "They run the hostel", **changes}
    )


def test_joining_says_what_it_opens_before_it_opens(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    add_entry(rows, case, cast.officer, "For all")
    add_entry(rows, case, cast.nurse, "For all, too")
    add_entry(rows, case, cast.social_worker, "Own", handling=Handling.OWN)
    client = client_for(cast.social_worker)
    page = client.soup(f"/cases/{case.reference}/network/add?team={cast.council_team.id}")
    assert "2 entries for the whole network" in words(page)
    assert "1 entry that you can see stays closed" in words(page)
    assert reads(asking, cast.community_safety) == 0
    assert join(client, case, cast.council_team).status_code == 303
    assert reads(asking, cast.community_safety) == 1
    assert reads(asking, cast.community_safety, ChronologyEntry) == 2


def test_joining_is_on_the_sharing_ledger_and_asks_for_receipt(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    add_entry(rows, case, cast.officer)
    join(client_for(cast.coordinator), case, cast.council_team, worker=str(cast.community_safety.id))
    told = rows.scalars(select(Disclosure)).one()
    assert (told.receiver_team_id, told.giver_id, told.case_id) == (
        cast.council_team.id,
        cast.coordinator.id,
        case.id,
    )
    assert "1 entry so far" in rows.scalars(select(DisclosureText.text)).one()
    assert rows.scalars(select(DisclosureChild.child_id)).one() == case.child_id
    receipt = rows.scalars(select(Deadline).where(Deadline.kind == DeadlineKind.RECEIPT)).one()
    assert receipt.owner_team_id == cast.council_team.id
    event = rows.scalars(select(AuditEvent).where(AuditEvent.action == "involvement:add")).one()
    assert (event.actor_id, event.case_id) == (cast.coordinator.id, case.id)


def test_on_a_restricted_case_the_team_gets_a_notice_and_its_worker_reads_it(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    client = client_for(cast.coordinator)
    page = client.soup(f"/cases/{case.reference}/network/add?team={cast.police_other_team.id}")
    assert "only its named worker will read it" in words(page)
    join(client, case, cast.police_other_team, worker=str(cast.neighbour.id))
    assert reads(asking, cast.neighbour) == 1
    assert reads(asking, cast.police_manager) == 0
    told = rows.scalars(select(Disclosure)).one()
    assert (told.receiver_id, told.receiver_team_id) == (cast.neighbour.id, None)
    assert rows.scalars(select(AccessGrant.user_id)).one() == cast.neighbour.id


def test_no_team_joins_a_sealed_case(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="sealed"):
        add_involvement(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            team=db.session.get_one(Team, cast.council_team.id),
            reason="x",
        )


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coordinator", 303),
        ("social_worker", 303),
        ("officer", 403),
        ("police_manager", 403),
        ("stranger", 404),
    ],
)
def test_a_coordinator_or_the_lead_professional_brings_a_team(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str, status: int
) -> None:
    assert join(client_for(getattr(cast, who)), case, cast.council_team).status_code == status
    assert bool(rows.scalars(select(Disclosure)).all()) is (status == 303)


def test_a_team_is_brought_once_and_with_a_reason(cast: Cast, case: Case, client_for: ClientFor) -> None:
    client = client_for(cast.coordinator)
    assert join(client, case, cast.council_team, reason=" ").status_code == 422
    join(client, case, cast.council_team)
    again = join(client, case, cast.council_team)
    assert again.status_code == 422
    assert "already" in again.text


def test_a_team_is_chosen_from_those_that_are_not_on_the_case(
    cast: Cast, case: Case, client_for: ClientFor
) -> None:
    page = client_for(cast.coordinator).soup(f"/cases/{case.reference}/network/add")
    for chooser in ("select[name=team]", "main form"):
        assert "Borough council" in words(page, chooser)
        assert "Health trust" not in words(page, chooser)
    assert (
        client_for(cast.coordinator).get(f"/cases/{case.reference}/network/add?team={new_id()}").status_code
        == 404
    )


def test_several_teams_are_brought_onto_a_case_at_once_or_none_of_them(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client, address = client_for(cast.coordinator), f"/cases/{case.reference}/network/add"
    teams = [cast.council_team, cast.police_other_team]
    said = {"teams": [str(one.id) for one in teams], "reason": "They run the hostel"}
    assert client.submit(address, {**said, "reason": " "}).status_code == 422
    assert client.submit(address, {**said, "teams": []}).status_code == 422
    assert client.submit(address, said, follow_redirects=True).status_code == 200
    for team in teams:
        assert involvement_of(rows, case, team).reason == "They run the hostel"
    again = client.submit(address, {**said, "teams": [str(teams[0].id)]})
    assert again.status_code == 422, "it is on the case already"
    for person in (cast.colleague, cast.neighbour):
        assert client_for(person).submit(address, said).status_code in {403, 404}, person.name


def test_an_agency_names_its_own_worker(rows: Session, cast: Cast, case: Case, client_for: ClientFor) -> None:
    involvement = involvement_of(rows, case, cast.police_team)
    address = f"/cases/{case.reference}/network/{involvement.id}/worker"
    assert client_for(cast.nurse).get(address).status_code == 403
    response = client_for(cast.colleague).submit(
        address, {"worker": str(cast.colleague.id), "seen": str(cast.officer.id)}
    )
    assert response.status_code == 303
    rows.expire_all()
    assert involvement.worker_id == cast.colleague.id


def test_two_people_who_name_a_worker_are_shown_both(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    involvement = involvement_of(rows, case, cast.police_team)
    response = client_for(cast.colleague).submit(
        f"/cases/{case.reference}/network/{involvement.id}/worker",
        {"worker": str(cast.colleague.id), "seen": str(cast.police_manager.id)},
    )
    assert response.status_code == 409
    assert "Ola Officer" in response.text
    assert "Col League" in response.text


def test_somebody_of_another_agency_cannot_be_the_worker(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    involvement = involvement_of(rows, case, cast.police_team)
    response = client_for(cast.coordinator).submit(
        f"/cases/{case.reference}/network/{involvement.id}/worker",
        {"worker": str(cast.nurse.id), "seen": str(cast.officer.id)},
    )
    assert response.status_code == 422


def test_a_team_that_leaves_reads_nothing_more(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    involvement = involvement_of(rows, case, cast.police_team)
    client = client_for(cast.police_manager)
    address = f"/cases/{case.reference}/network/{involvement.id}/end"
    assert client_for(cast.officer).submit(address, {"reason": "x"}).status_code == 403
    assert client.submit(address, {"reason": ""}).status_code == 422
    response = client.submit(address, {"reason": "No police work is left"})
    assert (response.status_code, response.location) == (303, "/cases")
    assert reads(asking, cast.officer) == reads(asking, cast.police_manager) == 0
    assert "no longer works on the case" in client.soup("/cases").get_text()


def test_a_team_that_leads_does_not_leave(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    involvement = involvement_of(rows, case, cast.social_care_team)
    response = client_for(cast.coordinator).submit(
        f"/cases/{case.reference}/network/{involvement.id}/end", {"reason": "x"}
    )
    assert response.status_code == 422
    assert "Change who leads it first" in response.text


def test_a_team_that_still_owes_something_does_not_leave(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    rows.scalars(select(Deadline)).one().owner_team_id = cast.police_team.id
    rows.commit()
    involvement = involvement_of(rows, case, cast.police_team)
    response = client_for(cast.coordinator).submit(
        f"/cases/{case.reference}/network/{involvement.id}/end", {"reason": "x"}
    )
    assert response.status_code == 422
    assert "finish the risk assessment" in response.text


def test_an_involvement_of_another_case_is_not_found(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = make_case(rows, make_child(rows), lead=cast.police, opened_by=cast.coordinator)
    elsewhere = involve(rows, other, cast.police_team, by=cast.coordinator)
    for page in ("worker", "end"):
        address = f"/cases/{case.reference}/network/{elsewhere.id}/{page}"
        assert client_for(cast.coordinator).get(address).status_code == 404


def lead(client: Any, rows: Session, case: Case, team: Team, person: User, version: int | None = None) -> Any:
    return client.submit(
        f"/cases/{case.reference}/lead?team={team.id}",
        {"professional": str(person.id), "reason": "Moved", "version": str(version or case.version)},
    )


def test_the_lead_changes_hands_with_its_duties(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.social_care_manager)
    assert "Health trust" in words(client.soup(f"/cases/{case.reference}/lead"))
    assert lead(client, rows, case, cast.health_team, cast.nurse).status_code == 303
    told = words(client.soup("/messages"))
    assert f"{cast.health_team.name} (leads the case now)" in told
    assert "(joins the case)" not in told, "it was on the case"
    rows.expire_all()
    assert (case.lead_agency_id, case.lead_professional_id, case.version) == (
        cast.health.id,
        cast.nurse.id,
        2,
    )
    duty = rows.scalars(select(Deadline)).one()
    assert (duty.owner_id, duty.owner_team_id) == (cast.nurse.id, cast.health_team.id)
    assert duty.original_due_at == duty.due_at


@pytest.mark.parametrize(
    ("who", "status"), [("officer", 403), ("social_worker", 403), ("police_manager", 403)]
)
def test_only_a_coordinator_or_the_lead_agencys_manager_changes_the_lead(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str, status: int
) -> None:
    response = lead(client_for(getattr(cast, who)), rows, case, cast.health_team, cast.nurse)
    assert response.status_code == status


@pytest.mark.parametrize("who", ["social_care_manager", "coordinator"])
def test_a_manager_gives_the_lead_to_a_team_of_another_agency_with_another_worker(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str
) -> None:
    theirs = involvement_of(rows, case, cast.police_team)
    theirs.worker_id = cast.colleague.id
    rows.commit()
    answer = lead(client_for(getattr(cast, who)), rows, case, cast.police_team, cast.officer)
    assert answer.status_code == 303
    rows.expire_all()
    led = rows.get_one(Case, case.id)
    assert (led.lead_agency_id, led.lead_professional_id) == (cast.police.id, cast.officer.id)
    assert rows.get_one(Involvement, theirs.id).worker_id == cast.officer.id


def test_two_people_who_change_the_lead_are_shown_both(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting
) -> None:
    lead(client_for(cast.coordinator), rows, case, cast.health_team, cast.nurse)
    second = lead(client_for(cast.second_coordinator), rows, case, cast.police_team, cast.officer, version=1)
    assert second.status_code == 409
    assert "Nell Nurse" in second.text
    assert "Ola Officer" in second.text
    with acting(cast.coordinator) as actor, pytest.raises(Conflict):
        change_lead(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            team=db.session.get_one(Team, cast.police_team.id),
            professional=db.session.get_one(User, cast.officer.id),
            reason="x",
            version=1,
        )


def test_a_form_becomes_an_entry_of_the_hub_without_its_source(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    now = clock.now()
    referral = Referral(
        id=new_id(),
        reference=new_reference(Prefix.REFERRAL),
        state=ReferralState.IN_TRIAGE,
        author_id=cast.teacher.id,
        author_agency_id=cast.school.id,
        answers={},
        created_at=now,
        saved_at=now,
        sent_at=now,
        received_at=now,
        concerns_colleague=False,
        types=[],
        policy_version="test",
    )
    rows.add(referral)
    rows.commit()
    with acting(cast.coordinator) as actor:
        add_entry_from_referral(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            referral=db.session.get_one(Referral, referral.id),
            text="Seen with new phones",
        )
    entry = rows.scalars(select(ChronologyEntry)).one()
    assert (entry.agency_id, entry.handling, entry.happened_at) == (cast.hub.id, Handling.NETWORK, now)
    assert referral.reference not in entry.text
