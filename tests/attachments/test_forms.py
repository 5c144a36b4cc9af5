"""Files on forms where others read them: a leaver's draft, and on paper."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.people.model import User
from portal.records.referrals.model import DraftOpening
from tests.cast import Cast
from tests.client import Client
from tests.factories.attachments import make_file
from tests.factories.people import make_user
from tests.factories.referrals import make_draft, make_sent_referral

ClientFor = Callable[[User | None], Client]


def test_a_manager_who_opened_a_leavers_draft_sees_its_files_but_not_who_told_the_leaver(
    client_for: ClientFor, rows: Session, cast: Cast
) -> None:
    left = make_user(rows, cast.police, "Len Gone", teams=(cast.police_team,), active=False)
    draft = make_draft(rows, left)
    plain = make_file(rows, draft, left, name="Sketch")
    source = make_file(rows, draft, left, name="Letter", content=b"2", shows_source=True)
    manager = client_for(cast.police_manager)
    assert manager.get(f"/files/{plain.reference}").status_code == 404
    now = clock.now()
    rows.add(
        DraftOpening(
            id=new_id(),
            referral_id=draft.id,
            manager_id=cast.police_manager.id,
            reason="x",
            opened_at=now,
            until=now + timedelta(hours=8),
        )
    )
    rows.commit()
    page = manager.soup(f"/sent/drafts/{draft.reference}").get_text()
    assert "Sketch" in page
    assert "Letter" not in page
    assert manager.get(f"/files/{plain.reference}").status_code == 200
    assert manager.get(f"/files/{source.reference}").status_code == 404


def test_paper_lists_the_files_of_a_form_without_those_that_show_its_source(
    client_for: ClientFor, rows: Session, cast: Cast
) -> None:
    sent = make_sent_referral(rows, cast.officer)
    make_file(rows, sent, cast.officer, name="Sketch")
    make_file(rows, sent, cast.officer, name="Letter", content=b"2", shows_source=True)
    page = client_for(cast.officer).soup(f"/sent/{sent.reference}/print").get_text()
    assert "Sketch" in page
    assert "Letter" not in page
