"""Places, people and things of concern in the demonstration: linked, known to police, released, overdue."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.concerns.model import Concern, ConcernKey, ConcernLink, ConcernNote, ConcernRelease
from portal.records.concerns.vocabulary import ConcernKind


def test_every_page_of_concerns_has_something_to_show(loaded: Session) -> None:
    found = loaded.scalars(select(Concern)).all()
    assert {one.kind for one in found} >= set(ConcernKind) - {ConcernKind.GROUP}
    assert any(one.dwelling for one in found)
    assert any(one.do_not_approach and one.police_status for one in found)
    assert any(one.kind == ConcernKind.PERSON and one.police_status is None for one in found)
    assert any(one.review_on < clock.today() for one in found)
    assert {bool(one.child_id) for one in loaded.scalars(select(ConcernLink))} == {True, False}
    assert loaded.scalar(select(func.count()).select_from(ConcernNote))
    assert loaded.scalar(select(func.count()).select_from(ConcernRelease))


def test_the_same_number_stands_in_two_records_and_a_part_of_a_registration_in_a_third(
    loaded: Session,
) -> None:
    kept: dict[str, int] = {
        row.key: row.many
        for row in loaded.execute(select(ConcernKey.key, func.count().label("many")).group_by(ConcernKey.key))
    }
    assert kept["tel:07700900255"] == 2
    assert kept["reg:ZZ21VAN"] == 2
    assert kept["part:ZZ21"] == 1
