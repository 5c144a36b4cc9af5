"""Adding a file on a page, opening it as a download, and withdrawing it."""

from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from threading import Thread
from zlib import decompress

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.records.attachments.adding import MOST
from portal.records.attachments.model import Attachment
from portal.records.attachments.vocabulary import AttachmentState
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.disclosures.model import TakenCopy
from portal.records.people.model import User
from tests.attachments.conftest import files_of, kept, only_file, send
from tests.attachments.specimens import pdf, picture
from tests.cases.pages import with_entries
from tests.cast import Cast
from tests.client import Client
from tests.factories.attachments import CONTENT, make_answer_text, make_file
from tests.factories.cases import add_entry
from tests.factories.children import ask
from tests.factories.meetings import make_meeting
from tests.factories.referrals import make_draft, make_sent_referral

ClientFor = Callable[[User | None], Client]


def unsigned(cookie: str) -> bytes:
    """What a cookie of the session says, which anybody can read."""
    packed = cookie.lstrip(".").partition(".")[0]
    said = b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_")
    return decompress(said) if cookie.startswith(".") else said


def test_a_file_is_added_to_an_entry_and_stands_beside_it(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    sent = pdf(marker="x")
    client = client_for(cast.officer)
    address = files_of(entry, case)
    form = client.soup(address).find("form", enctype="multipart/form-data")
    assert form is not None
    assert send(client, address, sent, "../me/Letter of\u202e 3 May.PDF").status_code == 303
    file = only_file(rows)
    assert (file.name, file.kind, file.state) == ("Letter of 3 May", "pdf", AttachmentState.NOT_SCANNED)
    assert kept(rows) == [sent]
    for reader in (cast.officer, cast.nurse, cast.coordinator):
        page = with_entries(client_for(reader), case.reference)
        link = page.find("a", href=f"/files/{file.reference}")
        assert link is not None
        assert link.get_text() == "Letter of 3 May"
        assert "Not scanned for viruses" in page.get_text()


def test_a_file_leaves_as_a_download_in_which_nothing_runs_and_is_on_the_ledger(
    client_for: ClientFor, rows: Session, cast: Cast, entry: ChronologyEntry
) -> None:
    file = make_file(rows, entry, cast.officer, name="Pell, Quilla: injuries")
    answer = client_for(cast.nurse).get(f"/files/{file.reference}")
    assert answer.status_code == 200
    assert answer.data == CONTENT
    headers = answer.headers
    assert headers["Content-Disposition"] == f'attachment; filename="{file.reference}.pdf"'
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Type"] == "application/pdf"
    assert "Pell" not in str(headers)
    copy = rows.query(TakenCopy).one()
    assert (copy.subject_id, copy.taken_by, copy.case_id, copy.size) == (
        file.id,
        cast.nurse.id,
        entry.case_id,
        len(CONTENT),
    )
    event = rows.query(AuditEvent).filter_by(action="attachment:open").one()
    assert (event.actor_id, event.case_id, event.subject_id) == (cast.nurse.id, entry.case_id, file.id)
    assert "Pell" not in str(event.details)


@pytest.mark.parametrize(
    ("sent", "name", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "map.png", "SVG"),
        (b"MZ\x90\x00" + b"\0" * 60, "letter.pdf", "Programs"),
        (b"", "letter.pdf", "empty"),
        (picture("GIF"), "a.gif", "GIF"),
    ],
)
def test_what_is_not_taken_is_said_at_the_field_and_nothing_is_kept(
    client_for: ClientFor,
    rows: Session,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    sent: bytes,
    name: str,
    says: str,
) -> None:
    answer = send(client_for(cast.officer), files_of(entry, case), sent, name)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    error = page.find(id="file-error")
    assert error is not None
    assert says in error.get_text()
    assert page.find("a", href="#file") is not None
    assert rows.query(Attachment).count() == 0


def test_a_picture_that_is_called_a_document_is_kept_as_what_it_is(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    client, sent = client_for(cast.officer), picture("PNG")
    assert send(client, files_of(entry, case), sent, "letter.pdf").status_code == 303
    file = only_file(rows)
    assert (file.kind, file.name) == ("png", "letter.pdf")
    answer = client_for(cast.officer).get(f"/files/{file.reference}")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].endswith('.png"')


def test_no_file_chosen_is_said_at_the_field(
    client_for: ClientFor, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    answer = client_for(cast.officer).submit(files_of(entry, case), {}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Choose a file" in answer.text


def test_a_file_that_is_too_large_is_refused_unread_and_the_page_stays(
    client_for: ClientFor,
    rows: Session,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Unread(BytesIO):
        def read(self, *_args: int) -> bytes:  # type: ignore[override]  # never called
            raise AssertionError("the body was read")

    client = client_for(cast.officer)
    length = app.config["ATTACHMENT_BYTES"] * 5
    answer = client.post(
        files_of(entry, case),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": str(length)},
    )
    assert answer.status_code == 413
    assert "must be smaller than 10 MB" in answer.text
    assert BeautifulSoup(answer.text, "html.parser").find(id="file-error") is not None
    monkeypatch.setitem(app.config, "ATTACHMENT_BYTES", 1000)  # by a little, within what a form has around it
    assert send(client, files_of(entry, case), b"x" * 1001).status_code == 413
    assert rows.query(Attachment).count() == 0


def test_what_is_sent_is_held_in_memory_and_its_name_is_in_no_header(
    client_for: ClientFor,
    rows: Session,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def onto_the_disk(*_about: object, **_more: object) -> None:
        raise AssertionError("a file was to lie on the disk")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", onto_the_disk)
    client = client_for(cast.officer)
    parts = (
        b'name="csrf_token"\r\n\r\n' + client.token().encode(),
        b'name="file"; filename="Quilla Pell.pdf"\r\n\r\n' + pdf(marker="x" * 2_000_000),
    )
    body = b"".join(b"--x\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
    answer = client.post(
        files_of(entry, case), data=body + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 303
    assert only_file(rows).name == "Quilla Pell"
    assert "Quilla" not in str(answer.headers)
    cookie = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    assert b"Quilla" not in unsigned(cookie)


def test_other_forms_take_no_more_than_before(client_for: ClientFor, cast: Cast, case: Case) -> None:
    address = f"/cases/{case.reference}/entries/new"
    answer = client_for(cast.officer).submit(address, {"text": "x" * 2_000_000})
    assert answer.status_code == 413


def test_the_same_file_sent_twice_is_one(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    client, sent = client_for(cast.officer), pdf()
    for _ in range(2):
        assert send(client, files_of(entry, case), sent).status_code == 303
    only_file(rows)


def test_no_more_than_so_many_files_hang_on_one_record(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    for n in range(MOST):
        make_file(rows, entry, cast.officer, content=str(n).encode())
    answer = send(client_for(cast.officer), files_of(entry, case))
    assert answer.status_code == 422
    assert "no more fit" in answer.text


def test_two_files_at_once_are_both_kept(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    answers: list[int] = []
    clients = [client_for(cast.officer), client_for(cast.colleague)]
    sent = [pdf(marker="one"), pdf(marker="two")]
    threads = [
        Thread(
            target=lambda one=client, content=content: answers.append(
                send(one, files_of(entry, case), content).status_code
            )
        )
        for client, content in zip(clients, sent, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303]
    assert sorted(kept(rows)) == sorted(sent)


def test_a_file_is_withdrawn_with_a_reason_and_stays_on_record(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    file = make_file(rows, entry, cast.officer)
    address = f"/files/{file.reference}/withdraw"
    colleague = client_for(cast.colleague)
    assert colleague.submit(address, {"reason": " "}).status_code == 422
    assert colleague.submit(address, {"reason": "Of another child"}).status_code == 303
    opened = client_for(cast.officer).get(f"/files/{file.reference}")
    assert opened.status_code == 409
    assert "Of another child" in opened.text
    assert "Withdrawn" in with_entries(client_for(cast.nurse), case.reference).get_text()
    rows.expire_all()
    assert rows.get_one(Attachment, file.id).removed_by == cast.colleague.id
    assert len(kept(rows)) == 1, "it is hidden, and kept"
    assert rows.query(AuditEvent).filter_by(action="attachment:withdraw").count() == 1


def test_only_the_agency_that_added_a_file_withdraws_it(
    client_for: ClientFor, rows: Session, cast: Cast, entry: ChronologyEntry
) -> None:
    file = make_file(rows, entry, cast.officer)
    for other in (cast.nurse, cast.coordinator):
        answer = client_for(other).submit(f"/files/{file.reference}/withdraw", {"reason": "x"})
        assert answer.status_code == 403
    assert client_for(cast.stranger).get(f"/files/{file.reference}/withdraw").status_code == 404


def test_only_the_agency_that_wrote_an_entry_adds_files_to_it(
    client_for: ClientFor, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    for person, status in (
        (cast.colleague, 303),
        (cast.nurse, 403),
        (cast.coordinator, 403),
        (cast.stranger, 404),
        (cast.neighbour, 404),
    ):
        assert send(client_for(person), files_of(entry, case)).status_code == status


def test_an_entry_is_not_found_below_another_case(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    own = add_entry(rows, case, cast.nurse)
    client = client_for(cast.nurse)
    assert send(client, f"/cases/CRE-0000-0000/entries/{own.id}/files").status_code == 404


def test_files_of_a_draft_are_sent_with_it_and_the_source_stays_with_the_hub(
    client_for: ClientFor, rows: Session, cast: Cast
) -> None:
    draft = make_draft(rows, cast.officer)
    client, address = client_for(cast.officer), f"/share/{draft.reference}/files"
    assert send(client, address, pdf(marker="plain"), "plain.pdf").status_code == 303
    assert send(client, address, pdf(marker="source"), "source.pdf", shows_source="yes").status_code == 303
    assert client_for(cast.police_manager).get(address).status_code == 404
    page = client.soup(f"/share/{draft.reference}/check")
    assert "plain" in page.get_text()
    draft.state = "sent"
    rows.commit()
    assert client.get(address).status_code == 404, "what was sent is not changed"
    plain, source = rows.query(Attachment).order_by(Attachment.added_at).all()
    for person, status in ((cast.officer, 200), (cast.coordinator, 200), (cast.police_manager, 404)):
        assert client_for(person).get(f"/files/{source.reference}").status_code == status
    for person, status in (
        (cast.officer, 200),
        (cast.coordinator, 200),
        (cast.police_manager, 200),
        (cast.colleague, 404),
        (cast.stranger, 404),
        (cast.nurse, 404),
    ):
        assert client_for(person).get(f"/files/{plain.reference}").status_code == status


def test_a_file_is_taken_out_of_a_draft_and_goes_with_one_that_is_thrown_away(
    client_for: ClientFor, rows: Session, cast: Cast
) -> None:
    draft = make_draft(rows, cast.officer)
    first, second = (make_file(rows, draft, cast.officer, content=letter) for letter in (b"1", b"2"))
    client = client_for(cast.officer)
    place = f"/share/{draft.reference}/files"
    assert client_for(cast.colleague).submit(f"{place}/{first.reference}/take-out").status_code == 404
    assert client.submit(f"{place}/{first.reference}/take-out").status_code == 303
    assert only_file(rows).id == second.id
    assert client.submit(f"/share/{draft.reference}/discard").status_code == 303
    assert kept(rows) == []


def test_what_was_sent_shows_its_files_to_its_sender_and_to_the_hub(
    client_for: ClientFor, rows: Session, cast: Cast
) -> None:
    sent = make_sent_referral(rows, cast.officer)
    file = make_file(rows, sent, cast.officer, name="Note of the call")
    for person, place in ((cast.officer, "sent"), (cast.coordinator, "triage")):
        page = client_for(person).soup(f"/{place}/{sent.reference}")
        assert page.find("a", href=f"/files/{file.reference}") is not None


def test_a_file_is_added_to_an_answer(client_for: ClientFor, rows: Session, cast: Cast, case: Case) -> None:
    child = rows.get_one(Child, case.child_id)
    asked = ask(rows, child, cast.council_team, by=cast.coordinator, case=case)
    answer = make_answer_text(rows, asked, cast.community_safety)
    address = f"/requests/{asked.reference}/answers/{answer.id}/files"
    client = client_for(cast.community_safety)
    assert send(client, address).status_code == 303
    file = only_file(rows)
    for person, status in (
        (cast.community_safety, 200),
        (cast.coordinator, 200),
        (cast.officer, 200),
        (cast.stranger, 404),
        (cast.neighbour, 404),
    ):
        assert client_for(person).get(f"/files/{file.reference}").status_code == status
    page = client_for(cast.officer).soup(f"/requests/{asked.reference}")
    assert page.find("a", href=f"/files/{file.reference}") is not None
    assert send(client_for(cast.officer), address).status_code == 403


def test_a_file_on_a_meeting_is_for_whoever_reads_its_case(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case
) -> None:
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case])
    address = f"/meetings/{meeting.reference}/files"
    client = client_for(cast.coordinator)
    assert send(client, address, about="").status_code == 422
    assert send(client, address, about=str(case.id)).status_code == 303
    file = only_file(rows)
    assert file.case_id == case.id
    for person, status in ((cast.officer, 200), (cast.chair, 200), (cast.stranger, 404)):
        assert client_for(person).get(f"/files/{file.reference}").status_code == status
    assert send(client_for(cast.officer), address, about="all").status_code == 403
    page = client_for(cast.officer).soup(f"/meetings/{meeting.reference}")
    assert page.find("a", href=f"/files/{file.reference}") is not None


def test_a_form_without_its_token_adds_nothing(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    answer = client_for(cast.officer).post(
        files_of(entry, case),
        data={"file": (BytesIO(pdf()), "a.pdf")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 400
    assert rows.query(Attachment).count() == 0
