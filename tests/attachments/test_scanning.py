"""Where a scanner is set: nobody opens what it has not called clean, and what it refuses is not kept."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.messages.model import OutboxMessage
from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.attachments.vocabulary import AttachmentState
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.people.model import User
from tests.access.test_reach import Asking
from tests.attachments.clamd import Behaviour, Clamd, hangs, honest, says
from tests.attachments.conftest import files_of, kept, only_file, send
from tests.attachments.specimens import EICAR, pdf
from tests.cases.pages import with_entries
from tests.cast import Cast
from tests.client import Client
from tests.factories.attachments import make_file
from tests.factories.telling import beat
from tests.told import look_at

ClientFor = Callable[[User | None], Client]


def test_a_clean_file_can_be_opened_at_once_and_nothing_is_said_of_viruses(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, scanner: Clamd
) -> None:
    sent = pdf()
    assert send(client_for(cast.officer), files_of(entry, case), sent).status_code == 303
    assert scanner.seen == [sent]
    file = only_file(rows)
    assert file.state == AttachmentState.CLEAN
    assert file.checked_at is not None
    assert client_for(cast.nurse).get(f"/files/{file.reference}").data == sent
    assert "viruses" not in with_entries(client_for(cast.nurse), case.reference).get_text()


@pytest.mark.parametrize("sent", [EICAR, pdf()[:-6] + b"\n% " + EICAR + b"\n%%EOF\n"])
def test_what_is_harmful_is_refused_dropped_and_said_to_whoever_sees_the_record(
    client_for: ClientFor,
    rows: Session,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    scanner: Clamd,
    sent: bytes,
) -> None:
    answer = send(client_for(cast.officer), files_of(entry, case), sent, "letter.pdf")
    assert answer.status_code == 422
    error = BeautifulSoup(answer.text, "html.parser").find(id="file-error")
    assert error is not None
    assert "harmful" in error.get_text()
    file = only_file(rows)
    assert (file.state, file.kind) == (AttachmentState.REFUSED, "unknown")
    assert len(file.digest) == 64
    assert kept(rows) == []
    page = with_entries(client_for(cast.coordinator), case.reference)
    assert "something else harmful was found in it" in page.get_text()
    assert page.find("a", href=f"/files/{file.reference}") is None
    assert client_for(cast.nurse).get(f"/files/{file.reference}").status_code == 409
    event = rows.query(AuditEvent).filter_by(action="attachment:add").one()
    assert event.details["state"] == "refused"


@pytest.mark.parametrize("behaviour", [hangs, says(b"stream: OK?\x00"), says(b"")])
def test_while_the_scanner_gives_no_answer_a_file_waits_shut_and_is_checked_when_somebody_opens_it(
    client_for: ClientFor,
    rows: Session,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    scanner: Clamd,
    behaviour: Behaviour,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "CLAMAV_TIMEOUT", 0.3)
    scanner.behaviour = behaviour
    officer = client_for(cast.officer)
    sent = pdf()
    assert send(officer, files_of(entry, case), sent).status_code == 303
    file = only_file(rows)
    assert file.state == AttachmentState.QUARANTINED
    assert "Waiting to be checked" in with_entries(client_for(cast.nurse), case.reference).get_text()
    for person in (cast.officer, cast.nurse):
        shut = client_for(person).get(f"/files/{file.reference}")
        assert shut.status_code == 409
        assert "waiting to be checked" in shut.text
        assert sent not in shut.data
    scanner.behaviour = honest
    assert client_for(cast.nurse).get(f"/files/{file.reference}").data == sent
    assert only_file(rows).state == AttachmentState.CLEAN


def test_a_scanner_that_is_down_keeps_a_file_shut_and_harmful_ones_go_when_it_is_back(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, scanner: Clamd
) -> None:
    hidden = b"%PDF-" + EICAR
    file = make_file(rows, entry, cast.officer, content=hidden, state=AttachmentState.QUARANTINED)
    answer = client_for(cast.nurse).get(f"/files/{file.reference}")
    assert answer.status_code == 409
    assert "Nothing of it was kept" in answer.text
    assert only_file(rows).state == AttachmentState.REFUSED
    assert kept(rows) == []
    (message,) = look_at(rows.query(OutboxMessage).filter_by(kind="file_refused"))
    assert message.recipient_id == cast.officer.id, "whoever added it is told: nobody told them on the page"
    scanner.end()
    sent = pdf()
    assert send(client_for(cast.officer), files_of(entry, case), sent).status_code == 303
    waiting = rows.query(Attachment).filter_by(state=AttachmentState.QUARANTINED).one()
    assert client_for(cast.nurse).get(f"/files/{waiting.reference}").status_code == 409


def test_a_file_from_before_there_was_a_scanner_is_checked_when_it_is_opened(
    client_for: ClientFor, rows: Session, cast: Cast, entry: ChronologyEntry, scanner: Clamd
) -> None:
    clean = make_file(rows, entry, cast.officer, state=AttachmentState.NOT_SCANNED)
    harmful = make_file(rows, entry, cast.officer, content=EICAR, state=AttachmentState.NOT_SCANNED)
    nurse = client_for(cast.nurse)
    assert nurse.get(f"/files/{clean.reference}").status_code == 200
    assert nurse.get(f"/files/{harmful.reference}").status_code == 409
    rows.expire_all()
    assert rows.get_one(Attachment, clean.id).state == AttachmentState.CLEAN
    assert rows.get_one(Attachment, harmful.id).state == AttachmentState.REFUSED


def test_a_file_that_waits_stays_shut_when_the_scanner_is_taken_away(
    client_for: ClientFor, rows: Session, cast: Cast, entry: ChronologyEntry
) -> None:
    file = make_file(rows, entry, cast.officer, state=AttachmentState.QUARANTINED)
    assert client_for(cast.nurse).get(f"/files/{file.reference}").status_code == 409


def test_a_stranger_cannot_have_a_file_checked(
    client_for: ClientFor, rows: Session, cast: Cast, entry: ChronologyEntry, scanner: Clamd
) -> None:
    file = make_file(rows, entry, cast.officer, state=AttachmentState.QUARANTINED)
    assert client_for(cast.stranger).get(f"/files/{file.reference}").status_code == 404
    assert scanner.seen == []


def test_naming_a_file_to_be_checked_shows_its_content_to_nobody_who_does_not_see_it(
    rows: Session, cast: Cast, entry: ChronologyEntry, asking: Asking
) -> None:
    file = make_file(rows, entry, cast.officer, state=AttachmentState.QUARANTINED)
    other = make_file(rows, entry, cast.officer, content=b"2", state=AttachmentState.QUARANTINED)
    found = select(AttachmentContent.attachment_id)
    for person, named, seen in (
        (cast.nurse, None, []),
        (cast.nurse, file.id, [file.id]),
        (cast.nurse, other.id, [other.id]),
        (cast.stranger, file.id, []),
        (cast.administrator, file.id, []),
        (None, file.id, []),
    ):
        with asking(person) as session:
            if named:
                session.execute(text("select set_config('portal.checking', :id, true)"), {"id": str(named)})
            assert session.scalars(found).all() == seen


def test_whoever_watches_the_service_is_told_when_the_scanner_is_away(
    client_for: ClientFor, rows: Session, scanner: Clamd
) -> None:
    beat(rows)
    well = client_for(None).get("/healthz")
    assert (well.status_code, well.get_json()["scanner"]) == (200, "ok")
    scanner.end()
    away = client_for(None).get("/healthz")
    assert (away.status_code, away.get_json()["scanner"]) == (503, "no answer")
    assert client_for(None).get("/healthz/web").status_code == 200
