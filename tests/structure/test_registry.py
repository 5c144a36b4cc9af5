"""What nouns plug into the rest: said once, and in a way that can be carried out."""

from collections import Counter

from portal import registry
from portal.access.permissions import PERMISSIONS
from portal.deadlines.model import Deadline
from portal.pages.workspaces import tasks as workspace_tasks
from portal.registry import Record
from portal.vocabulary import Sector


def declared() -> list[Record]:
    """Every record, as the nouns declare them."""
    return [record for noun in registry.nouns() for record in noun.records]


def test_no_record_is_declared_twice_and_no_prefix_means_two_things() -> None:
    assert [kind for kind, times in Counter(one.kind for one in declared()).items() if times > 1] == []
    prefixes = Counter(one.prefix for one in declared() if one.prefix)
    assert [prefix for prefix, times in prefixes.items() if times > 1] == []


def test_a_record_is_named_shown_and_owed_by_what_it_has() -> None:
    for record in declared():
        assert record.prefix is None or record.page, f"{record.kind} has references, and no page for them"
        assert record.permission is None or record.permission in PERMISSIONS, record.kind
        assert record.permission is None or record.page or record.index, (
            f"{record.kind} has no page to ask for"
        )


def test_a_duty_is_seen_through_columns_that_it_and_its_record_have() -> None:
    for record in declared():
        if record.duty is None:
            continue
        assert bool(record.duty.own) != bool(record.duty.shared), f"{record.kind}: own or shared"
        for column in (record.duty.own, *record.duty.shared):
            assert column is None or column in Deadline.__table__.columns, f"{record.kind}: {column}"
        for column in record.duty.shared:
            assert column in record.table.__table__.columns, f"{record.kind}: {column}"
        assert (record.duty.reference is None) == (record.duty.key is None), record.kind


def test_no_two_tasks_stand_in_one_place_of_a_workspace() -> None:
    for sector in Sector:
        places = [task.at[sector] for task in workspace_tasks.of_sector(sector)]
        assert len(places) == len(set(places)), sector
        assert all(task.permission in PERMISSIONS for task in workspace_tasks.of_sector(sector))


def test_a_kind_of_line_is_declared_once() -> None:
    kinds = Counter(line.what for noun in registry.nouns() for line in noun.lines)
    assert [what for what, times in kinds.items() if times > 1] == []
