"""A long document is made beside the pages, for the sign-in that asked, and leaves as what it may be then."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

import portal
from portal import clock
from portal.access.model import AuditEvent
from portal.documents import compiling, document
from portal.documents import jobs as document_jobs
from portal.documents.model import DocumentJob
from portal.policy import current_policy
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child
from portal.records.disclosures.vocabulary import DocumentState
from portal.records.people.model import User
from portal.reminders.forgetting import delete_documents
from tests.cast import Cast
from tests.client import Client
from tests.documents.conftest import FOR_THEMSELVES, OPEN_TO_ALL, ClientFor, copies
from tests.documents.reading import open_pdf
from tests.factories.cases import add_entry

Asking = Callable[[User | None], AbstractContextManager[Session]]

LONG = "Seen near the station, and rung about it. " * 60


@pytest.fixture
def long_case(rows: Session, cast: Cast, case: Case) -> Case:
    """A case whose chronology is too long to be made at once."""
    for number in range(50):
        add_entry(rows, case, cast.officer, f"Number {number}. {LONG}")
    return case


@pytest.fixture
def maker(app: Flask) -> Iterator[Engine]:
    """The database as the process that makes documents has it."""
    engine = create_engine(app.config["DATABASE_DOCUMENTS_URL"])
    yield engine
    engine.dispose()


def address(case: Case) -> str:
    return f"/cases/{case.reference}/chronology.pdf"


def ask(browser: Client, case: Case) -> str:
    """Ask for the chronology; the address of the page on which it is followed."""
    answer = browser.get(address(case))
    assert answer.status_code == 303
    return str(answer.location)


def jobs(rows: Session) -> list[DocumentJob]:
    rows.rollback()
    rows.expire_all()
    return list(rows.scalars(select(DocumentJob).order_by(DocumentJob.asked_at)))


def actions(rows: Session) -> list[str]:
    rows.rollback()
    return list(rows.scalars(select(AuditEvent.action).order_by(AuditEvent.at, AuditEvent.id)))


def test_it_is_followed_made_and_taken_and_is_then_on_the_ledger_once(
    rows: Session, client_for: ClientFor, cast: Cast, long_case: Case, maker: Engine
) -> None:
    browser = client_for(cast.officer)
    page = ask(browser, long_case)
    assert "Waiting to be made" in browser.soup(page).get_text()
    assert "case:download" not in actions(rows), "nothing has left"
    assert "document:ask" in actions(rows)
    assert not copies(rows)
    assert document_jobs.make_next(maker)
    assert not document_jobs.make_next(maker)
    ready = browser.soup(page)
    assert "Ready" in ready.get_text()
    link = ready.find("a", string=lambda words: words and "Download PDF" in words)
    assert link
    assert link["href"] == address(long_case)
    assert not copies(rows), "it has not left yet"
    first = browser.get(address(long_case))
    assert first.mimetype == "application/pdf"
    made = open_pdf(first.data)
    for words in (OPEN_TO_ALL, FOR_THEMSELVES, "Number 0.", "Number 49."):
        assert words in made.text
    (copy,) = copies(rows)
    assert all(copy.reference in one for one in made.pages)
    assert copy.size == len(first.data)
    assert "case:download" in actions(rows)
    again = browser.get(address(long_case))
    assert again.data == first.data, "an answer that was lost on the way is given again"
    assert len(copies(rows)) == 1, "and is the same copy"
    (job,) = jobs(rows)
    assert job.payload is None
    assert job.expires_at <= clock.now() + document_jobs.AFTER_TAKING


def test_a_short_one_is_made_at_once(rows: Session, client_for: ClientFor, cast: Cast, case: Case) -> None:
    answer = client_for(cast.officer).get(address(case))
    assert answer.mimetype == "application/pdf"
    assert not jobs(rows)


def test_what_has_changed_since_is_made_anew_and_the_former_file_does_not_leave(
    rows: Session, client_for: ClientFor, cast: Cast, long_case: Case, maker: Engine
) -> None:
    browser = client_for(cast.nurse)
    ask(browser, long_case)
    document_jobs.make_next(maker)
    entry = add_entry(rows, long_case, cast.officer, "Quillnew of the police")
    ask(browser, long_case)
    assert not copies(rows)
    document_jobs.make_next(maker)
    assert "Quillnew" in open_pdf(browser.get(address(long_case)).data).text
    assert entry.id


def test_whoever_has_lost_reach_gets_nothing_though_it_is_ready(
    rows: Session, client_for: ClientFor, cast: Cast, long_case: Case, maker: Engine
) -> None:
    browser = client_for(cast.nurse)
    ask(browser, long_case)
    document_jobs.make_next(maker)
    ended = rows.scalars(select(Involvement).where(Involvement.team_id == cast.health_team.id)).one()
    ended.ended_at, ended.end_reason = clock.now(), "No longer on it"
    rows.commit()
    assert browser.get(address(long_case)).status_code == 404
    assert not copies(rows)


def test_no_other_person_and_no_other_sign_in_sees_it(
    rows: Session, client_for: ClientFor, asking: Asking, cast: Cast, long_case: Case, maker: Engine
) -> None:
    page = ask(client_for(cast.officer), long_case)
    document_jobs.make_next(maker)
    for who in (cast.officer, cast.colleague, cast.police_manager, cast.coordinator, cast.governance, None):
        answer = client_for(who).get(page)
        assert answer.status_code in {303, 404}, "the officer too, in another sign-in"
        with asking(who) as session:
            assert not session.scalars(select(DocumentJob.id)).all()
    other = client_for(cast.officer)
    assert other.get(address(long_case)).status_code == 303, "it is made anew there"
    assert len(jobs(rows)) == 2


def test_asked_for_twice_it_is_made_once_and_more_than_policy_allows_wait(
    rows: Session, client_for: ClientFor, cast: Cast, long_case: Case
) -> None:
    most = current_policy().rates.documents.under_way
    browser = client_for(cast.officer)
    first = ask(browser, long_case)
    assert ask(browser, long_case) == first
    for number in range(1, most):
        add_entry(rows, long_case, cast.officer, f"Another {number}")
        ask(browser, long_case)
    add_entry(rows, long_case, cast.officer, "One too many")
    for another in (browser, client_for(cast.officer)):
        refused = another.get(address(long_case))
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert f"{most} long documents are being made for you" in refused.text
    assert len(jobs(rows)) == most
    assert browser.soup("/documents").select(f'a[href="{first}"]')
    assert client_for(cast.nurse).get(address(long_case)).status_code == 303, "others are not held up"


def test_one_that_cannot_be_made_says_so_and_is_tried_again(
    rows: Session,
    client_for: ClientFor,
    cast: Cast,
    long_case: Case,
    maker: Engine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = client_for(cast.officer)
    page = ask(browser, long_case)
    monkeypatch.setattr(document_jobs, "LONGEST", 0.01)
    document_jobs.make_next(maker)
    assert "TooLong" in caplog.text
    assert "Seen near the station" not in caplog.text
    failed = browser.soup(page)
    assert "Not made" in failed.get_text()
    link = failed.find("a", string=lambda words: words and "Try again" in words)
    assert link
    assert link["href"] == address(long_case)
    monkeypatch.undo()
    assert ask(browser, long_case) != page
    assert [job.state for job in jobs(rows)] == [DocumentState.WAITING]
    document_jobs.make_next(maker)
    assert browser.get(address(long_case)).mimetype == "application/pdf"


def test_what_a_process_took_up_and_died_over_is_taken_up_again_and_then_given_up(
    rows: Session, client_for: ClientFor, cast: Cast, long_case: Case, maker: Engine
) -> None:
    ask(client_for(cast.officer), long_case)
    for _ in range(document_jobs.MOST_ATTEMPTS):
        with maker.begin() as connection:
            assert document_jobs._claim(connection)
            assert not document_jobs._claim(connection), "nobody else takes it up meanwhile"
        (job,) = jobs(rows)
        assert job.state == DocumentState.MAKING
        job.lease_until = clock.now() - timedelta(seconds=1)
        rows.commit()
    assert document_jobs.make_next(maker)
    assert jobs(rows)[0].state == DocumentState.FAILED


def test_one_who_was_slow_does_not_overwrite_what_another_made(
    rows: Session, client_for: ClientFor, cast: Cast, long_case: Case, maker: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ask(client_for(cast.officer), long_case)

    def slow(*_facts: object) -> bytes:
        (job,) = jobs(rows)
        job.lease_until = clock.now() + timedelta(hours=1)  # somebody else has it now
        rows.commit()
        return b"late"

    monkeypatch.setattr(document_jobs, "_made", slow)
    document_jobs.make_next(maker)
    (job,) = jobs(rows)
    assert (job.state, job.content) == (DocumentState.MAKING, None)


def test_it_is_deleted_after_its_time_whatever_became_of_it(
    app: Flask, rows: Session, client_for: ClientFor, cast: Cast, long_case: Case, maker: Engine
) -> None:
    page = ask(client_for(cast.officer), long_case)
    document_jobs.make_next(maker)
    ask(client_for(cast.nurse), long_case)
    first, second = jobs(rows)
    kept = timedelta(minutes=current_policy().rates.documents.kept_minutes)
    assert first.expires_at == first.asked_at + kept
    first.expires_at = clock.now()
    rows.commit()
    assert client_for(cast.officer).get(page).status_code == 404
    engine = create_engine(app.config["DATABASE_WORKER_URL"])
    with engine.begin() as connection:
        assert delete_documents(connection) == 1
    engine.dispose()
    assert [job.id for job in jobs(rows)] == [second.id]


def test_what_is_longer_than_a_file_may_be_is_refused_with_words(
    client_for: ClientFor, cast: Cast, long_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_jobs, "LARGEST", 1000)
    answer = client_for(cast.officer).get(address(long_case))
    assert answer.status_code == 422
    assert "too long for one file" in answer.text


def test_what_is_gathered_is_bounded_and_says_that_there_is_more(
    rows: Session, client_for: ClientFor, cast: Cast, long_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.pages.chronologies.reading.WORDS", 3 * len(LONG))
    browser = client_for(cast.officer)
    made = open_pdf(browser.get(address(long_case)).data).text
    assert "There are older lines" in made
    assert "Number 49." in made
    assert "Number 40." not in made
    child = rows.get_one(Child, long_case.child_id)
    monkeypatch.setattr("portal.pages.chronologies.reading.WORDS", 3 * len(LONG))
    made = open_pdf(browser.get(f"/children/{child.reference}/chronology.pdf").data).text
    assert "There are older lines" in made
    assert "Number 40." not in made


def test_the_role_that_makes_documents_reads_and_writes_nothing_else(
    app: Flask, owner: Engine, maker: Engine
) -> None:
    with owner.connect() as connection:
        granted = connection.execute(
            text("""
select t.relname, p.verb, case when has_table_privilege('portal_documents', t.oid, p.verb) then '*'
                               else c.attname end
  from pg_class t join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
 cross join unnest(array['SELECT', 'INSERT', 'UPDATE']) p (verb)
 where t.relnamespace in ('public'::regnamespace, 'ctx'::regnamespace) and t.relkind in ('r', 'p', 'v', 'm')
   and has_column_privilege('portal_documents', t.oid, c.attnum, p.verb)""")
        ).all()
        functions = connection.scalars(
            text(
                "select proname from pg_proc where pronamespace = 'ctx'::regnamespace"
                " and has_function_privilege('portal_documents', oid, 'execute')"
            )
        ).all()
    read = {"id", "asked_at", "expires_at", "payload", "state", "lease_until", "attempts"}
    written = {"payload", "state", "lease_until", "attempts", "content"}
    assert {tuple(one) for one in granted} == {
        *(("document_job", "SELECT", column) for column in read),
        *(("document_job", "UPDATE", column) for column in written),
        *(("heartbeat", verb, "*") for verb in ("SELECT", "INSERT", "UPDATE")),
    }
    assert not functions
    with maker.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text("select text from chronology_entry"))


def test_a_forged_job_is_refused(asking: Asking, rows: Session, cast: Cast) -> None:
    """Nobody puts a document where another finds it, says that it is made, or reads what is in one by it."""
    made_up = {
        "id": "gen_random_uuid()",
        "session_id": "(select ctx.session_id())",
        "asked_by": "(select ctx.user_id())",
        "state": "'waiting'",
        "attempts": "0",
        "content": "null",
    }
    forged = (
        ("session_id", "gen_random_uuid()"),
        ("asked_by", f"'{cast.nurse.id}'"),
        ("state", "'ready'"),
        ("attempts", "9"),
        ("content", "'forged'::bytea"),
    )
    plain = dict.fromkeys(("title", "address", "digest", "copy_reference"), "''")
    with asking(cast.officer) as session:
        for column, value in forged:
            row = made_up | plain | {"asked_at": "now()", "expires_at": "now()", column: value}
            with pytest.raises(ProgrammingError, match="row-level security"):
                session.execute(text(_insert(row)))
            session.rollback()
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text("update document_job set state = 'ready'"))


def _insert(row: dict[str, str]) -> str:
    return f"insert into document_job ({', '.join(row)}) values ({', '.join(row.values())})"  # noqa: S608 - names of this test


def test_what_it_is_made_of_holds_data_and_is_in_no_archive(
    rows: Session, client_for: ClientFor, cast: Cast, long_case: Case
) -> None:
    ask(client_for(cast.officer), long_case)
    (job,) = jobs(rows)
    assert json.loads(job.payload or "")["template"] == "record"
    kind = rows.scalar(text("select relpersistence from pg_class where relname = 'document_job'"))
    assert kind == "u", "unlogged: not in the journal, and so not in archives or on a standby"


@pytest.mark.parametrize(
    ("bound", "little"),
    [("MEMORY = 2 * 1024 * 1024 * 1024", "MEMORY = 40_000_000"), ("SECONDS = 60", "SECONDS = 0")],
)
def test_a_document_has_bounds_of_memory_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, little: str
) -> None:
    source = Path(compiling.__file__).read_text("utf-8")
    assert bound in source
    starved = tmp_path / "compiling.py"
    starved.write_text(source.replace(bound, little), "utf-8")
    monkeypatch.setattr(compiling, "__file__", str(starved))
    with pytest.raises(document.NoDocument):
        document.render("record", {"heading": {}, "blocks": []}, at=clock.now())


def test_no_link_is_told_to_save_what_may_be_a_page() -> None:
    """A browser saves the answer of such a link as a file: also the page on which a long one is followed."""
    told = re.compile(r"<a\b[^>]*\sdownload[\s=>]")
    templates = list((Path(portal.__file__).parent / "templates").rglob("*.html"))
    assert templates
    assert not [one.name for one in templates if told.search(one.read_text(encoding="utf-8"))]
