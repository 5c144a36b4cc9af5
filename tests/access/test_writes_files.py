"""What the application may not write of files: each is somebody’s, on a record that they may add to."""

from typing import Any

import pytest
from sqlalchemy import CursorResult, Update, delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.attachments.vocabulary import AttachmentState
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from tests.access.test_reach import Asking
from tests.access.test_writes import changed, refused
from tests.cast import Cast
from tests.factories.attachments import make_file
from tests.factories.cases import add_entry, involve, make_case, make_child
from tests.factories.referrals import make_draft, make_sent_referral


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case of police and health."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    for team in (cast.police_team, cast.health_team):
        involve(rows, case, team, by=cast.coordinator)
    return case


@pytest.fixture
def entry(rows: Session, cast: Cast, case: Case) -> ChronologyEntry:
    return add_entry(rows, case, cast.officer)


def written(by: User, **on: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "reference": f"ATT-{new_id()}",
        "shows_source": False,
        "name": "x",
        "kind": "pdf",
        "size": 1,
        "digest": "0",
        "state": "clean",
        "added_by": by.id,
        "added_agency_id": by.agency_id,
        "added_at": clock.now(),
        **on,
    }


def on_entry(entry: ChronologyEntry) -> dict[str, Any]:
    return {"holder": "entry", "entry_id": entry.id, "case_id": entry.case_id}


def test_nobody_adds_a_file_to_what_another_agency_wrote_or_in_another_name(
    cast: Cast, entry: ChronologyEntry, asking: Asking
) -> None:
    for person in (cast.nurse, cast.coordinator, cast.stranger, cast.administrator):
        refused(asking, person, Attachment(**written(person, **on_entry(entry))))
    refused(asking, cast.officer, Attachment(**written(cast.nurse, **on_entry(entry))))
    with asking(cast.officer) as session:
        session.execute(insert(Attachment).inline(), written(cast.officer, **on_entry(entry)))


def test_a_file_is_on_the_case_of_its_entry(
    rows: Session, cast: Cast, entry: ChronologyEntry, asking: Asking
) -> None:
    other = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, other, cast.police_team, by=cast.coordinator)
    refused(
        asking, cast.officer, Attachment(**written(cast.officer, **on_entry(entry) | {"case_id": other.id}))
    )


def test_only_the_author_of_a_draft_adds_to_it_and_nobody_once_it_is_sent(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    def on(form: Referral) -> dict[str, Any]:
        return {"holder": "referral", "referral_id": form.id}

    draft, sent = make_draft(rows, cast.officer), make_sent_referral(rows, cast.officer)
    for person, form in (
        (cast.colleague, draft),
        (cast.police_manager, draft),
        (cast.coordinator, draft),
        (cast.officer, sent),
        (cast.coordinator, sent),
    ):
        refused(asking, person, Attachment(**written(person, **on(form))))
    file = make_file(rows, sent, cast.officer)
    with asking(cast.officer) as session:
        result = session.execute(delete(Attachment).where(Attachment.id == file.id))
    assert isinstance(result, CursorResult)
    assert result.rowcount == 0, "what was sent is not taken out"


@pytest.mark.parametrize(
    "values",
    [
        {"name": "Another"},
        {"digest": "1"},
        {"entry_id": None},
        {"shows_source": True},
        {"added_at": clock.now()},
    ],
)
def test_what_is_known_of_a_file_stands(
    rows: Session, cast: Cast, entry: ChronologyEntry, asking: Asking, values: dict[str, Any]
) -> None:
    file = make_file(rows, entry, cast.officer)
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(Attachment).where(Attachment.id == file.id).values(**values))


def test_only_its_agency_withdraws_a_file_in_its_own_name_and_once(
    rows: Session, cast: Cast, entry: ChronologyEntry, asking: Asking
) -> None:
    file = make_file(rows, entry, cast.officer)

    def withdrawn_by(person: User) -> Update:
        values = {"removed_at": clock.now(), "removed_by": person.id, "removed_reason": "x"}
        return update(Attachment).where(Attachment.id == file.id).values(**values)

    for person, name in ((cast.nurse, cast.nurse), (cast.colleague, cast.officer)):
        with asking(person) as session, pytest.raises(DBAPIError, match="row-level security"):
            session.execute(withdrawn_by(name))
    with asking(cast.stranger) as session:
        assert changed(session, withdrawn_by(cast.stranger)) == 0
    with asking(cast.colleague) as session:
        assert changed(session, withdrawn_by(cast.colleague)) == 1
        session.commit()
    with asking(cast.officer) as session:
        assert changed(session, withdrawn_by(cast.officer)) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [("refused", "clean"), ("clean", "not_scanned"), ("clean", "quarantined"), ("refused", "quarantined")],
)
def test_what_was_refused_or_checked_does_not_become_something_else(
    rows: Session, cast: Cast, entry: ChronologyEntry, asking: Asking, before: str, after: str
) -> None:
    file = make_file(rows, entry, cast.officer, state=AttachmentState(before))
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="does not go from"):
        session.execute(update(Attachment).where(Attachment.id == file.id).values(state=after))


def test_content_is_added_once_by_whoever_added_the_file_and_never_changed(
    rows: Session, cast: Cast, entry: ChronologyEntry, asking: Asking
) -> None:
    file = make_file(rows, entry, cast.officer)
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(AttachmentContent).values(content=b"another"))
    rows.query(AttachmentContent).delete()
    rows.commit()
    content = {"attachment_id": file.id, "content": b"x"}
    for person in (cast.colleague, cast.nurse, cast.stranger):
        refused(asking, person, AttachmentContent(**content))


def test_a_file_of_an_entry_for_its_own_agency_is_for_that_agency(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    file = make_file(rows, add_entry(rows, case, cast.officer, handling=Handling.OWN), cast.officer)
    for person, seen in (
        (cast.colleague, True),
        (cast.police_manager, True),
        (cast.nurse, False),
        (cast.coordinator, False),
        (cast.neighbour, False),
        (cast.stranger, False),
        (cast.governance, False),
    ):
        with asking(person) as session:
            found = session.scalars(select(Attachment.id)).all()
            content = session.scalars(select(AttachmentContent.attachment_id)).all()
        assert (found, content) == (([file.id], [file.id]) if seen else ([], []))
