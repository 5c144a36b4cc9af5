"""Intelligence: added with its grading, graded again, released by the police; each step stays on record."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError, NotFound
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import correct_entry
from portal.records.entries.vocabulary import Handling
from portal.records.intelligence.gradings import Graded, add_intelligence, grade, release
from portal.records.intelligence.model import EntryGrading, EntrySource
from portal.records.people.model import User
from portal.vocabulary import Sector, Use
from tests.assessments.conftest import put
from tests.cases.pages import with_entries, words
from tests.cast import Cast
from tests.factories.cases import add_entry, involve, make_case, make_child
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.factories.people import make_agency, make_team, make_user
from tests.intelligence.conftest import SOURCE, WORDS, Acting, Asking, ClientFor, typed

ALL = sorted(use.value for use in Use)


def graded(**changes: Any) -> Graded:
    said: dict[str, Any] = {"source_grade": "2", "information_grade": "C", "handling_code": "C"}
    return Graded(**(said | {"conditions": ["reading_only"]} | changes))


def grades(acting: Acting, who: User, entry: ChronologyEntry, said: Graded) -> None:
    with acting(who) as actor:
        own = db.session.get_one(ChronologyEntry, entry.id)
        grade(actor=actor, case=db.session.get_one(Case, entry.case_id), entry=own, grading=said)


def releases(acting: Acting, who: User, entry: ChronologyEntry, of: Case | None = None) -> None:
    with acting(who) as actor:
        own = db.session.get_one(ChronologyEntry, entry.id)
        on = db.session.get_one(Case, of.id if of else entry.case_id)
        release(actor=actor, case=on, entry=own, reason="The arrests were made")


def all_of(rows: Session) -> list[EntryGrading]:
    rows.rollback()
    return list(rows.scalars(select(EntryGrading).order_by(EntryGrading.graded_at)))


@pytest.mark.parametrize("who", ["officer", "coordinator"])
def test_intelligence_is_added_with_its_grading_its_conditions_and_its_source(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, who: str
) -> None:
    person = getattr(cast, who)
    client = client_for(person)
    address = f"/cases/{case.reference}/intelligence/new"
    assert f'href="{address}"' in client.get(f"/cases/{case.reference}").text
    for _ in range(2):  # a form that is sent twice adds it once
        assert client.submit(address, typed()).status_code == 303
    entry = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.text == WORDS)).one()
    assert (entry.kind, entry.author_id) == ("intelligence", person.id)
    (kept,) = all_of(rows)
    assert (kept.entry_id, kept.graded_by, kept.graded_agency_id) == (entry.id, person.id, person.agency_id)
    assert (kept.source_grade, kept.information_grade, kept.handling_code) == ("2", "C", "C")
    assert (kept.conditions, kept.forbids) == (READING_ONLY, ALL)
    assert rows.get_one(EntrySource, entry.id).text == SOURCE
    page = words(with_entries(client_for(cast.nurse), case.reference))
    for said in (WORDS, "Intelligence 2CC", "Source 2: Untested", READING_ONLY, "Not released"):
        assert said in page, said


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"source_grade": ""}, "Choose how reliable the source is"),
        ({"information_grade": ""}, "Choose how the information is known"),
        ({"handling_code": ""}, "Choose how it may be handled"),
        ({"conditions": []}, "Choose or write the conditions"),
        ({"handling_code": "P"}, "or take out the conditions"),
        ({"text": f"{WORDS} {SOURCE}"}, "it says who it came from"),
        ({"handling": Handling.AGENCIES.value}, "Choose the agencies that may read it"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, changes: dict[str, Any], problem: str
) -> None:
    address = f"/cases/{case.reference}/intelligence/new"
    answer = client_for(cast.officer).submit(address, typed(**changes))
    assert answer.status_code == 422
    assert problem in answer.text
    assert "Zilpahwynd" in answer.text
    assert all_of(rows) == []


@pytest.mark.parametrize("who", ["nurse", "social_worker", "social_care_manager"])
def test_partners_add_what_they_know_and_grade_nothing(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, who: str
) -> None:
    client, own = client_for(getattr(cast, who)), add_entry(rows, case, cast.nurse)
    add = f"/cases/{case.reference}/intelligence/new"
    assert add not in client.get(f"/cases/{case.reference}").text
    for address in (add, f"/cases/{case.reference}/entries/{own.id}/grade"):
        assert client.get(address).status_code == 403
        assert client.submit(address, typed()).status_code == 403
    assert all_of(rows) == []


def test_the_police_grade_what_their_own_agency_wrote_and_coordinators_what_they_read(
    acting: Acting, rows: Session, cast: Cast, case: Case
) -> None:
    own, of_health = add_entry(rows, case, cast.officer), add_entry(rows, case, cast.nurse)
    grades(acting, cast.colleague, own, graded())
    with pytest.raises(Forbidden):
        grades(acting, cast.colleague, of_health, graded())
    grades(acting, cast.coordinator, of_health, graded())
    assert {one.graded_by for one in all_of(rows)} == {cast.colleague.id, cast.coordinator.id}


def test_the_database_itself_refuses_a_grading_of_anybody_else(
    acting: Acting, rows: Session, cast: Cast, case: Case
) -> None:
    entry = add_entry(rows, case, cast.nurse)
    for person in (cast.officer, cast.nurse, cast.stranger):
        with pytest.raises(DBAPIError, match="row-level security"), acting(person):
            put(db.session(), grading_row(entry, person))


def grading_row(entry: ChronologyEntry, by: User) -> EntryGrading:
    return EntryGrading(
        id=new_id(),
        entry_id=entry.id,
        source_grade="1",
        information_grade="A",
        handling_code="P",
        codes=[],
        conditions="",
        forbids=[],
        graded_by=by.id,
        graded_agency_id=by.agency_id,
        graded_at=clock.now(),
        policy_version="test",
    )


@pytest.mark.parametrize(
    ("said", "forbids"),
    [
        (graded(conditions=["no_approach"]), []),
        (graded(conditions=["no_minutes"]), ["cite", "export", "print"]),
        (graded(conditions=["no_onward", "not_to_family"]), ["family", "pass_on"]),
        (graded(conditions=[], more_conditions="Ring DS Pellwright before use"), ALL),
        (graded(conditions=["no_onward"], more_conditions="Ring DS Pellwright before use"), ["pass_on"]),
        (graded(conditions=[], handling_code="P"), []),
    ],
)
def test_what_is_forbidden_is_what_the_conditions_say_and_all_of_it_where_only_own_words_do(
    acting: Acting, rows: Session, cast: Cast, case: Case, said: Graded, forbids: list[str]
) -> None:
    grades(acting, cast.officer, add_entry(rows, case, cast.officer), said)
    assert all_of(rows)[0].forbids == forbids


def test_grading_again_keeps_the_earlier_and_lets_nothing_out(
    acting: Acting, rows: Session, cast: Cast, case: Case
) -> None:
    entry = add_entry(rows, case, cast.officer)
    grades(acting, cast.officer, entry, graded(conditions=["no_minutes"]))
    with pytest.raises(DomainError, match="until the police release"):
        grades(acting, cast.officer, entry, graded(conditions=["no_approach"]))
    with pytest.raises(DomainError, match="Another agency graded this"):
        grades(acting, cast.coordinator, entry, graded())
    grades(acting, cast.colleague, entry, graded())
    grades(acting, cast.colleague, entry, graded())  # the same again is the one there is
    earlier, now = all_of(rows)
    assert earlier.replaced_at == now.graded_at
    assert (earlier.conditions, now.conditions) == ("Do not put into minutes or reports", READING_ONLY)


def test_the_database_lets_nothing_out_by_a_further_grading(
    acting: Acting, rows: Session, cast: Cast, case: Case
) -> None:
    entry = add_entry(rows, case, cast.officer)
    held = make_grading(rows, entry, cast.officer, READING_ONLY)
    for person in (cast.officer, cast.coordinator):
        with pytest.raises(DBAPIError, match="until the police release"), acting(person):
            replace_by_force(db.session(), held, grading_row(entry, person))


def replace_by_force(session: Session, held: EntryGrading, row: EntryGrading) -> None:
    """Replace a grading as no service would."""
    session.execute(update(EntryGrading).where(EntryGrading.id == held.id).values(replaced_at=held.graded_at))
    put(session, row)


def test_the_police_release_it_and_who_when_and_why_stays(
    acting: Acting, rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    entry = add_entry(rows, case, cast.officer)
    grades(acting, cast.officer, entry, graded())
    place = f"/cases/{case.reference}/entries/{entry.id}"
    assert "Release it" in client_for(cast.colleague).get(f"{place}/grading").text
    assert "Release it" not in client_for(cast.coordinator).get(f"{place}/grading").text
    empty = client_for(cast.colleague).submit(f"{place}/release", {"reason": " "})
    assert (empty.status_code, "Say why it can be released" in empty.text) == (422, True)
    answer = client_for(cast.colleague).submit(f"{place}/release", {"reason": "The arrests were made"})
    assert answer.status_code == 303
    (kept,) = all_of(rows)
    assert (kept.released_by, kept.released_agency_id) == (cast.colleague.id, cast.police.id)
    assert kept.conditions == READING_ONLY, "what it was bound by stays on record"
    page = words(client_for(cast.nurse).soup(f"{place}/grading"))
    assert f"{cast.colleague.name}, Police, " in page
    assert "The arrests were made" in page
    event = rows.scalars(select(AuditEvent).where(AuditEvent.action == "intelligence:release")).one()
    assert (event.actor_id, event.case_id) == (cast.colleague.id, case.id)
    again = client_for(cast.officer).submit(f"{place}/release", {"reason": "Once more"})
    assert (again.status_code, "released already" in again.text) == (422, True)
    case_page = words(with_entries(client_for(cast.nurse), case.reference))
    assert "Released" in case_page
    assert READING_ONLY not in case_page


@pytest.mark.parametrize("who", ["coordinator", "nurse", "social_worker"])
def test_nobody_but_the_police_releases(
    acting: Acting, rows: Session, client_for: ClientFor, cast: Cast, case: Case, who: str
) -> None:
    entry, person = add_entry(rows, case, cast.officer), getattr(cast, who)
    held = make_grading(rows, entry, cast.officer, READING_ONLY)
    place = f"/cases/{case.reference}/entries/{entry.id}/release"
    assert client_for(person).submit(place, {"reason": "Quick"}).status_code == 403
    by_force = (
        update(EntryGrading)
        .where(EntryGrading.id == held.id)
        .values(
            released_by=person.id,
            released_agency_id=person.agency_id,
            released_at=held.graded_at,
            release_reason="Quick",
        )
    )
    with acting(person), suppress(DBAPIError):
        db.session.execute(by_force)
    assert all_of(rows)[0].released_at is None


def test_what_one_police_agency_graded_another_does_not_release_and_what_the_hub_graded_any_does(
    acting: Acting, rows: Session, cast: Cast, case: Case
) -> None:
    transport = make_agency(rows, "Transport police", Sector.POLICE)
    team = make_team(rows, transport)
    sergeant = make_user(rows, transport, "Tiberwick Sergeant", teams=(team,))
    involve(rows, case, team, by=cast.coordinator)
    ours, of_hub = add_entry(rows, case, cast.officer), add_entry(rows, case, cast.coordinator)
    make_grading(rows, ours, cast.officer, READING_ONLY)
    make_grading(rows, of_hub, cast.coordinator, READING_ONLY)
    with pytest.raises(Forbidden):
        releases(acting, sergeant, ours)
    releases(acting, sergeant, of_hub)
    assert {one.entry_id for one in all_of(rows) if one.released_at} == {of_hub.id}


def test_a_correction_is_bound_as_the_earlier_text_is_whoever_corrects(
    acting: Acting, rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    with acting(cast.officer) as actor:
        made = add_intelligence(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            text=WORDS,
            happened_at=case.opened_at - timedelta(days=1),
            handling=Handling.NETWORK,
            grading=graded(),
            source=SOURCE,
        ).id
    of_health = add_entry(rows, case, cast.nurse)
    grades(acting, cast.coordinator, of_health, graded())
    for person, entry_id in ((cast.colleague, made), (cast.nurse, of_health.id)):
        with acting(person) as actor:
            correct_entry(
                actor=actor,
                case=db.session.get_one(Case, case.id),
                entry=db.session.get_one(ChronologyEntry, entry_id),
                text="Zorblin set straight",
                reason="A slip",
            )
    found = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.text == "Zorblin set straight")).all()
    carried = {one.entry_id: one for one in all_of(rows)}
    for entry in found:
        assert carried[entry.id].forbids == ALL
        before = carried[entry.corrects_id] if entry.corrects_id else None
        assert before
        assert carried[entry.id].graded_by == before.graded_by


def test_an_entry_of_another_case_is_not_there_to_grade_or_release(
    acting: Acting, client_for: ClientFor, rows: Session, cast: Cast, case: Case
) -> None:
    other = make_case(rows, make_child(rows), lead=cast.school, opened_by=cast.coordinator)
    hidden = add_entry(rows, other, cast.teacher)
    make_grading(rows, hidden, cast.coordinator, READING_ONLY)
    for verb in ("grading", "grade", "release"):
        for reference in (case.reference, other.reference):
            place = f"/cases/{reference}/entries/{hidden.id}/{verb}"
            assert client_for(cast.officer).get(place).status_code == 404, place
    with pytest.raises(NotFound):
        releases(acting, cast.coordinator, hidden, case)
