"""The versions of what was said under a heading, read as the policy says; who may is asked once."""

import json
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.meetings.model import AgendaItem
from portal.records.minutes.model import MinuteVersion
from portal.records.minutes.reading import records
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.meetings.recorded import Recorded, make_recorded

MANY = 500
_TYPED = text(
    """
insert into minute_version (item_id, number, meeting_id, case_id, text, both_changed, saved_by, saved_at)
select :item, n, :meeting, :case, 'She moved', false, :by, now() from generate_series(100, 99 + :many) n
"""
)


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def typed(rows: Session, held: Recorded, *, whole: bool, many: int = 3) -> UUID:
    """A heading on the child, or on the whole meeting, that was saved many times; which it is."""
    item = rows.get_one(AgendaItem, held.minute.item_id)
    if whole:
        item.case_id = None
        rows.execute(text("update minute_version set case_id = null"))
    rows.execute(
        _TYPED,
        {
            "item": item.id,
            "meeting": held.meeting.id,
            "case": None if whole else held.case.id,
            "by": held.meeting.chair_id,
            "many": many,
        },
    )
    rows.commit()
    return item.id


@pytest.mark.parametrize("whole", [True, False])
def test_everybody_reads_the_versions_that_the_policy_lets_them_read_and_no_others(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, *, whole: bool
) -> None:
    item_id, readers = typed(rows, held, whole=whole), set[str]()
    for name, person in vars(cast).items():
        if not isinstance(person, User):
            continue
        with acting(person):
            seen = db.session.query(MinuteVersion.number).filter_by(item_id=item_id).all()
            shown = records.versions(meeting_id=held.meeting.id, item_id=item_id)
            assert {one.version for one in shown} == {one.number for one in seen}, name
            readers |= {name} if shown else set()
    assert {"chair", "coordinator", "officer", "social_worker"} <= readers
    assert readers.isdisjoint({"stranger", "neighbour", "community_safety"})


def test_the_versions_of_another_meeting_are_not_read_by_its_number(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    item_id, other = typed(rows, held, whole=True), make_recorded(rows, cast)
    with acting(cast.chair):
        assert not records.versions(meeting_id=other.meeting.id, item_id=item_id)


def test_who_may_read_them_is_asked_once_however_often_a_heading_was_saved(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    item_id = typed(rows, held, whole=True, many=MANY)
    asked = "explain (analyze, buffers, format json) select * from ctx.minute_versions(:meeting, :item)"
    with acting(cast.chair):
        said = {"meeting": held.meeting.id, "item": item_id}
        found = db.session.scalar(text(asked), said)
    plan = (found if isinstance(found, list) else json.loads(str(found)))[0]["Plan"]
    assert plan["Actual Rows"] > MANY
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < MANY, "each version was asked for"
