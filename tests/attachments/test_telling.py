"""Who hears that a file was added, and that one was withdrawn of which they have a copy."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import CaseNews, OutboxMessage
from portal.records.attachments.model import Attachment
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.children.model import Child
from portal.records.entries.vocabulary import Handling
from tests.attachments.conftest import ClientFor, files_of, send
from tests.attachments.specimens import pdf, picture
from tests.cast import Cast
from tests.factories.attachments import make_file
from tests.factories.cases import add_entry
from tests.factories.meetings import make_meeting
from tests.factories.missing import make_episode
from tests.told import heard


def lines(rows: Session) -> list[tuple[str, object]]:
    """What is news of files, and what it is about."""
    rows.rollback()
    found = rows.scalars(select(CaseNews).filter_by(event="file_added").order_by(CaseNews.at))
    return [(one.subject_kind, one.subject_id) for one in found]


def test_a_file_on_an_entry_is_news_for_the_readers_of_the_entry(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    own = add_entry(rows, case, cast.officer, handling=Handling.OWN)
    officer = client_for(cast.officer)
    for one in (entry, own):
        assert send(officer, files_of(one, case), pdf(marker=str(one.id))).status_code == 303
    assert lines(rows) == [("chronology_entry", entry.id), ("chronology_entry", own.id)]
    assert heard(rows, cast, "file_added") == {"news"}
    said = "A file was added"
    assert client_for(cast.colleague).get(f"/cases/{case.reference}").text.count(said) == 2
    assert client_for(cast.nurse).get(f"/cases/{case.reference}").text.count(said) == 1, (
        "the other is not hers"
    )


def test_the_same_file_sent_twice_is_news_once_and_one_on_a_meeting_is_for_its_case(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    officer = client_for(cast.officer)
    for _ in range(2):
        send(officer, files_of(entry, case), pdf())
    assert lines(rows) == [("chronology_entry", entry.id)]
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.officer)
    send(officer, f"/meetings/{meeting.reference}/files", pdf(marker="two"), about=str(case.id))
    assert lines(rows)[1:] == [("meeting", meeting.id)]


def test_a_picture_of_a_missing_child_is_news_on_the_case(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case
) -> None:
    episode = make_episode(rows, rows.get_one(Child, case.child_id), cast.officer)
    send(client_for(cast.neighbour), f"/missing/{episode.reference}/picture", picture(), "face.png")
    assert lines(rows) == [("missing_episode", episode.id)]


def test_whoever_has_a_copy_hears_that_it_was_withdrawn_also_when_they_see_it_no_more(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    file, other = make_file(rows, entry, cast.officer), make_file(rows, entry, cast.officer, content=pdf())
    for person, one in (
        (cast.nurse, file),
        (cast.nurse, file),
        (cast.officer, file),
        (cast.social_worker, other),
    ):
        assert client_for(person).get(f"/files/{one.reference}").status_code == 200
    gone = update(Involvement).where(Involvement.team_id == cast.health_team.id)
    rows.execute(gone.values(ended_at=clock.now(), ended_by=cast.coordinator.id, end_reason="Done"))
    rows.commit()
    answer = client_for(cast.officer).submit(
        f"/files/{file.reference}/withdraw", {"reason": "Of another child"}
    )
    assert answer.status_code == 303
    assert heard(rows, cast, "file_withdrawn") == {"nurse mail file_withdrawn"}, "nobody else took that file"
    message = rows.scalars(select(OutboxMessage).filter_by(event="file_withdrawn")).one()
    assert message.last_word, "the worker does not ask whether she still sees the case"
    rows.expire_all()
    assert rows.get_one(Attachment, file.id).removed_by == cast.officer.id


def test_a_file_that_nobody_took_out_is_withdrawn_without_a_word(
    client_for: ClientFor, rows: Session, cast: Cast, entry: ChronologyEntry
) -> None:
    file = make_file(rows, entry, cast.officer)
    client_for(cast.officer).submit(f"/files/{file.reference}/withdraw", {"reason": "Of another child"})
    assert heard(rows, cast, "file_withdrawn") == set()
