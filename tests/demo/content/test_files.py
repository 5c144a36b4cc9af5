"""The demonstration has files on an entry, on a draft and on a form that was sent, one with its source."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.attachments.vocabulary import AttachmentHolder, AttachmentState, FileKind


def test_there_are_documents_and_pictures_on_entries_and_forms(loaded: Session) -> None:
    files = loaded.scalars(select(Attachment)).all()
    assert {file.holder for file in files} == {AttachmentHolder.ENTRY, AttachmentHolder.REFERRAL}
    assert {file.kind for file in files} == {FileKind.PDF, FileKind.PNG, FileKind.JPEG}
    assert {file.state for file in files} == {AttachmentState.NOT_SCANNED}
    assert [file.name for file in files if file.shows_source] == ["Note of the call"]
    kept = loaded.scalars(select(AttachmentContent.attachment_id)).all()
    assert set(kept) == {file.id for file in files}
