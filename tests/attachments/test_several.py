"""Several files at once, pictures of telephones, and saved e-mails, on the page where files are added."""

from collections.abc import Callable
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.access.model import AuditEvent
from portal.files import sandbox
from portal.records.attachments.adding import MOST
from portal.records.attachments.model import Attachment
from portal.records.attachments.vocabulary import AttachmentState
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.people.model import User
from portal.web import uploads
from tests.attachments.clamd import Clamd, says
from tests.attachments.conftest import files_of, kept, only_file, send
from tests.attachments.specimens import EICAR, eml, heic, pdf, picture
from tests.cast import Cast
from tests.client import Client
from tests.factories.attachments import make_file
from tests.factories.referrals import make_draft

ClientFor = Callable[[User | None], Client]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is that runs the tests."""
    monkeypatch.setattr(uploads, "_PATIENCE", 600)
    monkeypatch.setattr(sandbox, "_PATIENCE", 120)


def test_when_the_time_is_up_the_rest_is_said_to_be_left_and_what_was_added_stays(
    client_for: ClientFor,
    rows: Session,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uploads, "_PATIENCE", 0)
    answer = _several(client_for(cast.officer), files_of(entry, case), ("a.pdf", pdf(marker="a")))
    assert answer.status_code == 422
    assert "There was no time left for this file. Add it again" in answer.text
    assert rows.query(Attachment).count() == 0


def _several(
    client: Client, address: str, *files: tuple[str, bytes], headers: dict[str, str] | None = None
) -> TestResponse:
    return client.submit(
        address,
        {"file": [(BytesIO(content), name) for name, content in files]},
        content_type="multipart/form-data",
        headers=headers or {},
    )


def test_several_files_are_added_at_once_and_one_that_is_refused_keeps_no_other_out(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    client, address = client_for(cast.officer), files_of(entry, case)
    answer = _several(
        client,
        address,
        ("a.pdf", pdf(marker="a")),
        ("run.exe", b"MZ\x90\x00" + b"\0" * 60),
        ("b.png", picture("PNG")),
        ("anim.gif", picture("GIF")),
    )
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    refused = page.find("section", attrs={"aria-labelledby": "refused"})
    assert refused is not None
    said = [one.get_text(" ", strip=True) for one in refused.find_all("li")]
    assert [one.split(" ")[0] for one in said] == ["run.exe", "anim.gif"]
    assert "Programs" in said[0]
    assert "GIF" in said[1]
    assert "2 files added" in refused.get_text()
    assert page.select_one(".govuk-error-summary a[href='#file']") is not None
    assert {one.name for one in rows.query(Attachment)} == {"a", "b"}
    listed = client.soup(address).find(id="added-files")
    assert listed is not None
    assert len(listed.find_all("li")) == 2


def test_several_files_that_are_all_taken_lead_back_to_the_list(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    client, address = client_for(cast.officer), files_of(entry, case)
    assert (
        _several(client, address, ("a.pdf", pdf(marker="a")), ("b.pdf", pdf(marker="b"))).status_code == 303
    )
    assert "2 files added" in client.soup(address).get_text()
    assert rows.query(Attachment).count() == 2


def test_what_a_script_sends_one_by_one_is_answered_in_plain_words(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    client, address, one = client_for(cast.officer), files_of(entry, case), {"X-One-File": "1"}
    good = _several(client, address, ("a.pdf", pdf(marker="a")), headers=one)
    assert (good.status_code, good.mimetype, good.text) == (200, "text/plain", "Added")
    bad = _several(client, address, ("<b>.svg", b"<svg onload='alert(1)'/>"), headers=one)
    assert (bad.status_code, bad.mimetype) == (422, "text/plain")
    assert "SVG" in bad.text
    nothing = _several(client, address, headers=one)
    assert (nothing.status_code, nothing.text) == (422, "Choose a file")
    stranger = client_for(cast.stranger)
    assert stranger.post(address, data={"csrf_token": stranger.token()}, headers=one).status_code == 404
    assert rows.query(Attachment).count() == 1


def test_a_heic_picture_is_kept_as_a_jpeg(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    assert send(client_for(cast.officer), files_of(entry, case), heic(), "IMG_1.HEIC").status_code == 303
    file = only_file(rows)
    assert (file.name, file.kind) == ("IMG_1", "jpg")
    assert b"Pell" not in kept(rows)[0]


def _send_email(client: Client, address: str) -> str:
    """Add an e-mail that carries a letter and a program; the address of its page."""
    sent = eml(
        text="She was <b>there</b>.",
        files=[("letter.pdf", pdf(marker="x")), ("run.exe", b"MZ\x90\x00" + b"\0" * 60)],
    )
    assert send(client, address, sent, "Friday.eml").status_code == 303
    said = client.soup(address)
    assert "Added. 1 file in it was not kept: open the e-mail to see why" in said.get_text()
    link = said.find("a", string="Friday")
    assert link is not None
    return str(link["href"])


def test_an_email_is_read_as_words_with_what_came_with_it(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    read = _send_email(client_for(cast.officer), files_of(entry, case))
    page = client_for(cast.nurse).soup(read)
    for words in ("Quill Pell <quill@school.example>", "Hub", "27 November 2026", "She was <b>there</b>."):
        assert words in page.get_text()
    assert page.find("b") is None
    assert "run.exe: Programs are not taken" in page.get_text()
    letter = rows.query(Attachment).filter_by(name="letter").one()
    link = page.find("a", href=f"/files/{letter.reference}")
    assert link is not None
    taken = client_for(cast.nurse).get(f"/files/{letter.reference}")
    assert taken.data == pdf(marker="x")
    text = client_for(cast.nurse).get(read.removesuffix("/read"))
    assert text.headers["Content-Type"].startswith("text/plain")
    assert text.headers["Content-Disposition"].endswith('.txt"')
    assert "She was <b>there</b>." in text.text
    assert client_for(cast.stranger).get(read).status_code == 404
    led = client_for(cast.officer).get(f"/files/{letter.reference}/read").headers["Location"]
    assert led.endswith(f"/files/{letter.reference}"), "what is no e-mail is opened as it is"
    events = rows.query(AuditEvent).filter_by(action="attachment:read", actor_id=cast.nurse.id)
    assert events.count() == 1


def test_withdrawing_an_email_withdraws_what_came_with_it(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    client = client_for(cast.officer)
    read = _send_email(client, files_of(entry, case))
    client.submit(read.replace("/read", "/withdraw"), {"reason": "The wrong one"})
    rows.expire_all()
    assert {one.removed_reason for one in rows.query(Attachment)} == {"The wrong one"}
    assert client_for(cast.nurse).get(read).status_code == 409


def test_an_email_is_taken_out_of_a_draft_with_what_came_with_it(
    client_for: ClientFor, rows: Session, cast: Cast
) -> None:
    draft = make_draft(rows, cast.officer)
    client = client_for(cast.officer)
    _send_email(client, f"/share/{draft.reference}/files")
    email = rows.query(Attachment).filter_by(kind="email").one()
    answer = client.submit(f"/share/{draft.reference}/files/{email.reference}/take-out")
    assert answer.status_code == 303
    assert rows.query(Attachment).count() == 0


def test_an_email_that_would_not_fit_beside_what_is_there_is_refused_whole(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    for number in range(MOST - 2):
        make_file(rows, entry, cast.officer, content=pdf(marker=str(number)))
    sent = eml(text="x", files=[(f"{n}.pdf", pdf(marker=f"n{n}")) for n in range(2)])
    answer = send(client_for(cast.officer), files_of(entry, case), sent, "a.eml")
    assert answer.status_code == 422
    assert "are 3 files, and 2 more fit here" in answer.text
    assert rows.query(Attachment).count() == MOST - 2


def test_each_file_in_an_email_is_scanned_by_itself(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, scanner: Clamd
) -> None:
    harmful = picture("PNG") + EICAR
    sent = eml(text="See these", files=[("good.pdf", pdf(marker="x")), ("bad.png", harmful)])
    assert send(client_for(cast.officer), files_of(entry, case), sent, "Friday.eml").status_code == 303
    assert scanner.seen == [sent, pdf(marker="x"), harmful]
    states = {one.name: one.state for one in rows.query(Attachment)}
    assert states == {
        "Friday": AttachmentState.CLEAN,
        "good": AttachmentState.CLEAN,
        "bad": AttachmentState.REFUSED,
    }
    assert not any(EICAR in content for content in kept(rows))


def test_while_the_scanner_is_away_an_email_and_what_it_carries_wait(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, scanner: Clamd
) -> None:
    scanner.behaviour = says(b"stream: broken ERROR\0")
    sent = eml(text="See this", files=[("good.pdf", pdf(marker="x"))])
    assert send(client_for(cast.officer), files_of(entry, case), sent, "Friday.eml").status_code == 303
    assert len(scanner.seen) == 1
    for file in rows.query(Attachment).all():
        assert file.state == AttachmentState.QUARANTINED
        assert client_for(cast.nurse).get(f"/files/{file.reference}").status_code == 409
    email = rows.query(Attachment).filter_by(kind="email").one()
    assert client_for(cast.nurse).get(f"/files/{email.reference}/read").status_code == 409
