"""What the tests of files share: a case with three agencies on it, an entry, and how files are sent."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.people.model import User
from tests.attachments.clamd import Clamd, clamd
from tests.attachments.specimens import pdf
from tests.cases.conftest import acting, case
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry

__all__ = ["acting", "case"]

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def entry(rows: Session, cast: Cast, case: Case) -> ChronologyEntry:
    """What the police know, for the network."""
    return add_entry(rows, case, cast.officer)


@pytest.fixture
def scanner(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clamd]:
    """A scanner that the portal asks."""
    with clamd() as daemon:
        monkeypatch.setitem(app.config, "CLAMAV_ADDRESS", daemon.address)
        monkeypatch.setitem(app.config, "CLAMAV_TIMEOUT", 2)
        yield daemon


def files_of(entry: ChronologyEntry, case: Case) -> str:
    """The page on which files are added to an entry."""
    return f"/cases/{case.reference}/entries/{entry.id}/files"


def send(
    client: Client, address: str, content: bytes | None = None, name: str = "letter.pdf", **more: str
) -> TestResponse:
    """Choose a file on a page, and add it."""
    content = pdf() if content is None else content
    return client.submit(
        address, {"file": (BytesIO(content), name), **more}, content_type="multipart/form-data"
    )


def only_file(rows: Session) -> Attachment:
    """The one file that there is."""
    rows.expire_all()
    return rows.query(Attachment).one()


def kept(rows: Session) -> list[bytes]:
    """What is kept of all files."""
    rows.expire_all()
    return [one.content for one in rows.query(AttachmentContent)]
