"""What the application's role may write: never to rows that the person cannot see, never as another."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import CursorResult, Engine, Update, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent, SavedFilter
from portal.changes.model import IdempotencyKey
from portal.deadlines.model import Deadline
from portal.demo import postgres
from portal.model import new_id
from portal.records.cases.model import AccessGrant, Case, ChronologyEntry, Involvement
from portal.records.children.model import Child, ChildStatement
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import Agency, IdentityProvider, Team, User
from portal.records.referrals.model import Referral
from portal.records.requests.model import InformationRequest
from portal.vocabulary import CaseState, Sensitivity
from tests import database
from tests.access.oracle.build import build
from tests.access.oracle.compare import wait_until_soon_is_past
from tests.access.oracle.truth import key_columns
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child

App = psycopg.Connection[tuple[object, ...]]

_WRITABLE = text("""
select t.relname, c.attname, not c.attnotnull as nullable, format_type(c.atttypid, null) as type
  from pg_class t join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
 where t.relnamespace = 'public'::regnamespace and t.relkind = 'r'
   and has_column_privilege('portal_app', t.oid, c.attnum, 'UPDATE')
 order by t.relname, c.attnum
""")

_REMOVABLE = text("""
select relname from pg_class
 where relnamespace = 'public'::regnamespace and relkind = 'r'
   and has_table_privilege('portal_app', oid, 'DELETE')
""")


@pytest.fixture
def writer(server: postgres.Server, app: object) -> Iterator[App]:
    address = server.url("portal_app", database.NAME).replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        yield connection


_HARMLESS = {"text", "name", "label", "page", "colour", "reason"}


def changes(owner: Engine) -> dict[str, str]:
    """For every table that can be updated, a change that reads no column and that few rules refuse."""
    found: dict[str, str] = {}
    with owner.connect() as connection:
        for table, column, nullable, kind in connection.execute(_WRITABLE):
            if column in key_columns(table) or table in found:
                continue
            if nullable and not column.endswith("_id"):
                found[table] = f"update {table} set {column} = null"  # noqa: S608 - names from the catalogue
            elif kind == "text" and column in _HARMLESS:
                found[table] = f"update {table} set {column} = 'x'"  # noqa: S608 - names from the catalogue
    return found


def removals(owner: Engine) -> dict[str, str]:
    """The removal of everything, for every table from which something can be removed."""
    with owner.connect() as connection:
        return {
            table: f"delete from {table}"  # noqa: S608 - names from the catalogue
            for table in connection.scalars(_REMOVABLE)
        }


def count(writer: App, token: str, statement: str) -> int:
    """How many rows a statement changes for a session; none when it is refused. Undone afterwards."""
    writer.rollback()
    writer.execute("select set_config('portal.session', %s, true)", [token])
    try:
        changed = writer.execute(statement.encode()).rowcount
    except psycopg.Error:
        changed = 0
    writer.rollback()
    return changed


def test_a_change_or_removal_that_reads_nothing_reaches_only_what_the_person_sees(
    rows: Session, owner: Engine, writer: App
) -> None:
    world = build(rows, seed=3)
    wait_until_soon_is_past(world)
    statements = changes(owner)
    assert len(statements) > 25, "the list of tables that can be changed is not being read"
    for table, blind in [*statements.items(), *removals(owner).items()]:
        key = key_columns(table)[0]
        for asker in world.askers:
            reached = count(writer, asker.token, blind)
            seen = count(writer, asker.token, f"{blind} where {key} is not null")
            assert reached == seen, f"{asker.label} reaches {reached - seen} hidden rows by “{blind}”"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


def changed(session: Session, statement: Update) -> int:
    """How many rows a statement changes."""
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def refused(asking: Asking, person: User, row: Any) -> None:
    table = type(row).__table__
    values = {c.key: getattr(row, c.key) for c in type(row).__mapper__.columns}
    if "version" in values:
        values["version"] = 1
    with (
        asking(person) as session,
        pytest.raises(DBAPIError, match="row-level security"),
    ):
        session.execute(insert(table).inline(), values)


def entry(case: Case, author: User, agency_id: UUID) -> ChronologyEntry:
    return ChronologyEntry(
        id=new_id(),
        case_id=case.id,
        author_id=author.id,
        agency_id=agency_id,
        kind="note",
        text="x",
        happened_at=clock.now(),
        handling="network",
        listed_agencies=[],
        family_safe="no",
        created_at=clock.now(),
    )


def test_nobody_writes_in_the_name_of_another(cast: Cast, case: Case, asking: Asking) -> None:
    refused(asking, cast.officer, entry(case, cast.colleague, cast.police.id))
    refused(asking, cast.officer, entry(case, cast.officer, cast.health.id))
    refused(asking, cast.stranger, entry(case, cast.stranger, cast.other_council.id))
    refused(
        asking,
        cast.officer,
        SavedFilter(id=new_id(), user_id=cast.nurse.id, page="queue", name="x", query={}),
    )
    refused(asking, cast.officer, IdempotencyKey(user_id=cast.nurse.id, key="x", made_at=clock.now()))
    refused(
        asking,
        cast.officer,
        AuditEvent(id=new_id(), at=clock.now(), xact=0, actor_id=cast.nurse.id, action="x:y", details={}),
    )


def test_an_involvement_gives_reach_to_the_managers_of_the_teams_own_agency(
    cast: Cast, case: Case, asking: Asking
) -> None:
    refused(
        asking,
        cast.coordinator,
        Involvement(
            id=new_id(),
            case_id=case.id,
            agency_id=cast.police.id,
            team_id=cast.health_team.id,
            reason="x",
            started_at=clock.now(),
            started_by=cast.coordinator.id,
        ),
    )


@pytest.mark.parametrize("who", ["stranger", "governance", "administrator"])
def test_nobody_without_full_reach_names_anybody(cast: Cast, case: Case, asking: Asking, who: str) -> None:
    person = getattr(cast, who)
    refused(
        asking,
        person,
        AccessGrant(
            id=new_id(),
            case_id=case.id,
            user_id=person.id,
            kind="named",
            reason="x",
            starts_at=clock.now(),
            granted_by=person.id,
        ),
    )


def test_a_case_begins_at_the_beginning_and_for_a_child_whom_one_reaches(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    hidden = make_child(rows)
    sealed = make_case(
        rows, hidden, lead=cast.social_care, opened_by=cast.coordinator, state=CaseState.CLOSED
    )
    sealed.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for child, state in ((hidden, "awaiting_assessment"), (make_child(rows), "closed")):
        refused(
            asking,
            cast.coordinator,
            Case(
                id=new_id(),
                reference=f"CRE-{new_id()}",
                child_id=child.id,
                state=state,
                sensitivity=0,
                sensitivity_reason="",
                types=[],
                contexts=[],
                lead_agency_id=cast.social_care.id,
                reason="x",
                opened_at=clock.now(),
                opened_by=cast.coordinator.id,
                policy_version="test",
            ),
        )


def test_a_form_begins_as_a_draft_or_is_sent_and_is_ones_own(cast: Cast, asking: Asking) -> None:
    for author, state in ((cast.colleague, "draft"), (cast.officer, "decided")):
        refused(
            asking,
            cast.officer,
            Referral(
                id=new_id(),
                reference=f"REF-{new_id()}",
                state=state,
                author_id=author.id,
                author_agency_id=author.agency_id,
                answers={},
                saved_at=clock.now(),
                created_at=clock.now(),
                concerns_colleague=False,
                types=[],
                policy_version="test",
            ),
        )


def request(case: Case, child: Child, team: Team, by: User, **facts: Any) -> InformationRequest:
    return InformationRequest(
        id=new_id(),
        reference=f"REQ-{new_id()}",
        case_id=case.id,
        child_id=child.id,
        asked_agency_id=team.agency_id,
        asked_team_id=team.id,
        asked_by=by.id,
        asked_at=clock.now(),
        question="What do you know?",
        why="Needed",
        due_at=clock.now(),
        **facts,
    )


def test_nobody_asks_about_a_child_whom_they_do_not_reach(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    refused(asking, cast.officer, request(case, make_child(rows), cast.health_team, cast.officer))


@pytest.mark.parametrize("change", [{"reach_until": None}, {"question": "Another"}, {"asked_team_id": None}])
def test_whoever_is_asked_cannot_change_what_was_asked_or_how_long_they_see_it(
    rows: Session, cast: Cast, case: Case, asking: Asking, change: dict[str, Any]
) -> None:
    asked = request(
        case,
        rows.get_one(Child, case.child_id),
        cast.health_team,
        cast.officer,
        reach_until=clock.now() + timedelta(days=1),
    )
    rows.add(asked)
    rows.commit()
    with asking(cast.nurse) as session, pytest.raises(DBAPIError):
        session.execute(update(InformationRequest).values(change))


def test_agencies_teams_and_providers_are_for_administrators(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    provider = {"code": "p", "name": "P", "issuer": "https://p.example", "client_id": "c", "active": True}
    rows.add(IdentityProvider(id=new_id(), **provider))
    rows.commit()
    for person in (cast.officer, cast.coordinator, cast.police_manager, cast.governance, None):
        with asking(person) as session:
            for table, values in (
                (Agency, {"active": False}),
                (IdentityProvider, {"name": "Elsewhere"}),
            ):
                assert changed(session, update(table).values(values)) == 0
    for person in (cast.officer, cast.police_manager, cast.administrator, None):  # nobody says who it trusts
        with asking(person) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(update(IdentityProvider).values(issuer="https://elsewhere.example"))
    with asking(cast.police_manager) as session:
        mine = changed(session, update(Team).values(duty_phone="1"))
        assert mine == 2, "a manager looks after the teams of their own agency"
    with asking(cast.administrator) as session:
        assert changed(session, update(Agency).values(districts=[])) > 2
        assert changed(session, update(IdentityProvider).values(name="Elsewhere")) == 1


def test_a_named_agency_cannot_let_others_know_an_address_that_is_held_back(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator)
    rows.add(
        ChildStatement(
            id=new_id(),
            child_id=case.child_id,
            agency_id=cast.police.id,
            author_id=cast.officer.id,
            kind="address",
            value="A refuge",
            do_not_disclose=True,
            named_agencies=[cast.social_care.id],
        )
    )
    rows.commit()
    for person in (cast.nurse, cast.social_worker, cast.coordinator):
        with asking(person) as session:
            widening = update(ChildStatement).values(named_agencies=[cast.health.id], do_not_disclose=True)
            assert changed(session, widening) == 0, f"{person.name} widens who knows the address"


def test_a_deadline_stays_with_its_subject(rows: Session, cast: Cast, case: Case, asking: Asking) -> None:
    other = make_case(rows, make_child(rows), lead=cast.health, opened_by=cast.coordinator)
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(Deadline).where(Deadline.case_id == case.id).values(case_id=other.id))


def test_whoever_was_refused_a_telling_cannot_confirm_it(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    rows.add(
        Disclosure(
            id=new_id(),
            reference="DIS-1",
            giver_id=cast.coordinator.id,
            giver_agency_id=cast.hub.id,
            receiver_agency_id=cast.health.id,
            receiver_team_id=cast.health_team.id,
            decision="refuse",
            purpose="p",
            basis="b",
            reason="r",
            colour="green",
            decided_at=clock.now(),
        )
    )
    rows.commit()
    with asking(cast.nurse) as session:
        assert changed(session, update(Disclosure).values(confirmed_at=clock.now())) == 0
    rows.expire_all()
    assert rows.scalars(select(Disclosure.confirmed_at)).one() is None
