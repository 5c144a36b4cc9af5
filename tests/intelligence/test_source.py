"""Where intelligence came from: on one page for its author and coordinators, and nowhere for anybody else."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import correct_entry
from portal.records.intelligence.model import EntrySource
from tests.assessments.conftest import put
from tests.cast import Cast
from tests.disclosures.test_disclosing import everything
from tests.documents.conftest import Take
from tests.factories.assessments import make_citation, make_finalised
from tests.factories.meetings import make_meeting
from tests.intelligence.conftest import SOURCE, WORDS, Acting, Asking, ClientFor, typed

KNOWN_BY = "Ottilorne"
MAY = ("officer", "coordinator", "second_coordinator")
MAY_NOT = (
    *("colleague", "police_manager", "neighbour", "nurse", "social_worker", "social_care_manager"),
    *("chair", "community_safety", "teacher", "stranger", "governance", "administrator"),
)


@pytest.fixture
def entry(rows: Session, client_for: ClientFor, cast: Cast, case: Case) -> ChronologyEntry:
    """Intelligence that is released, so that only the rule of the source keeps the source back."""
    client = client_for(cast.officer)
    assert client.submit(f"/cases/{case.reference}/intelligence/new", typed()).status_code == 303
    found = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.text == WORDS)).one()
    place = f"/cases/{case.reference}/entries/{found.id}/release"
    assert client.submit(place, {"reason": "Arrests"}).status_code == 303
    return found


def pages(rows: Session, cast: Cast, case: Case, entry: ChronologyEntry) -> Iterator[str]:
    """Where the entry is read, printed, taken out, cited, listed."""
    on_case = f"/cases/{case.reference}"
    yield from (
        on_case,
        f"{on_case}/print",
        f"{on_case}/chronology.pdf",
        f"{on_case}/entries/{entry.id}/grading",
    )
    yield from (f"{on_case}/entries/{entry.id}/{verb}" for verb in ("grade", "release", "correct", "files"))
    found = make_finalised(rows, case, cast.social_worker)
    for row in make_citation(found, entry, cast.officer.id):
        rows.add(row)
        rows.flush()
    rows.commit()
    yield from (f"/assessments/{found.reference}{rest}" for rest in ("", "/print", "/pdf"))
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator)
    yield f"/meetings/{meeting.reference}/pack.pdf"
    yield from (
        "/",
        "/police",
        "/police/intelligence",
        "/social-care",
        "/health",
        "/work",
        "/audit",
        "/messages",
    )


def test_its_author_and_coordinators_read_it_on_one_page_and_everybody_else_nowhere(
    rows: Session, client_for: ClientFor, take: Take, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    own = f"/cases/{case.reference}/entries/{entry.id}/grading"
    addresses = list(pages(rows, cast, case, entry))
    for who in (*MAY, *MAY_NOT):
        client = client_for(getattr(cast, who))
        for address in addresses:
            answer = client.get(address)
            if answer.mimetype == "application/pdf":
                shown = KNOWN_BY in take(getattr(cast, who), address).text
            else:
                shown = KNOWN_BY in answer.text
            assert shown is (who in MAY and address == own), f"{who} {address} {answer.status_code}"


def test_of_what_is_for_its_own_agency_alone_no_coordinator_reads_the_source_and_the_form_says_so(
    rows: Session, client_for: ClientFor, asking: Asking, cast: Cast, case: Case
) -> None:
    client, page = client_for(cast.officer), f"/cases/{case.reference}/intelligence/new"
    words = "Only you can read this, and the hub’s coordinators where they read the rest."
    assert words in client.soup(page).get_text()
    assert client.submit(page, typed() | {"handling": "own"}).status_code == 303
    found = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.text == WORDS)).one()
    grading = f"/cases/{case.reference}/entries/{found.id}/grading"
    assert KNOWN_BY in client.get(grading).text
    for who in (cast.coordinator, cast.colleague, cast.nurse, cast.stranger):
        assert KNOWN_BY not in client_for(who).get(grading).text, who.name
        with asking(who) as session:
            assert KNOWN_BY not in everything(session), who.name


@pytest.mark.parametrize("who", MAY_NOT)
def test_nobody_else_reads_a_byte_of_it_in_any_table(
    asking: Asking, cast: Cast, entry: ChronologyEntry, who: str
) -> None:
    with asking(getattr(cast, who)) as session:
        assert KNOWN_BY not in everything(session)


def test_it_is_in_no_mail_no_message_no_audit_row_and_no_table_but_its_own(
    rows: Session, asking: Asking, cast: Cast, entry: ChronologyEntry
) -> None:
    with asking(cast.officer) as session:
        assert KNOWN_BY in everything(session)
    rows.rollback()
    for name in rows.scalars(
        text("select tablename from pg_tables where schemaname = 'public' and tablename <> 'entry_source'")
    ).all():
        held = rows.execute(text(f'select * from "{name}"')).all()  # noqa: S608 - names from the catalogue
        assert KNOWN_BY not in str(held), name


def test_reading_it_is_a_look_of_its_own_on_the_trail(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    for person in (cast.coordinator, cast.nurse):
        client_for(person).get(f"/cases/{case.reference}/entries/{entry.id}/grading")
    looks = rows.execute(
        text("select actor_id, details ->> 'source' from audit_event where action = 'intelligence:view'")
    ).all()
    assert {(row[0], row[1]) for row in looks} == {(cast.coordinator.id, "true"), (cast.nurse.id, "false")}


def test_a_correction_keeps_where_it_came_from_to_those_who_knew(
    rows: Session, acting: Acting, client_for: ClientFor, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    with acting(cast.colleague) as actor:
        later = correct_entry(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            entry=db.session.get_one(ChronologyEntry, entry.id),
            text="Zorblin set straight",
            reason="A slip",
        ).id
    place = f"/cases/{case.reference}/entries/{later}/grading"
    assert KNOWN_BY in client_for(cast.officer).get(place).text
    assert KNOWN_BY in client_for(cast.coordinator).get(place).text
    assert KNOWN_BY not in client_for(cast.colleague).get(place).text


def test_nobody_writes_one_for_another_or_changes_it(
    rows: Session, acting: Acting, cast: Cast, entry: ChronologyEntry
) -> None:
    rows.query(EntrySource).delete()
    rows.commit()
    for person in (cast.colleague, cast.nurse):
        with pytest.raises(DBAPIError, match="row-level security"), acting(person):
            put(
                db.session(),
                EntrySource(
                    entry_id=entry.id,
                    text=SOURCE,
                    author_id=person.id,
                    author_agency_id=person.agency_id,
                    written_at=clock.now(),
                ),
            )
    with pytest.raises(DBAPIError, match="permission denied"), acting(cast.officer):
        db.session.execute(text("update entry_source set text = 'x'"))
