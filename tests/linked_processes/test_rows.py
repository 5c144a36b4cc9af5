"""What the database itself refuses to have written of linked processes, whatever Python lets through."""

from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import ChildStatus
from portal.records.linked_processes.model import LinkedNote, LinkedProcess, LinkedStep
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.access.test_writes import changed
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.linked import make_process


@pytest.fixture
def process(rows: Session, cast: Cast, case: Case) -> LinkedProcess:
    return make_process(rows, case, cast.social_worker)


def values(cast: Cast, case: Case) -> dict[str, Any]:
    """A process as the social worker writes it."""
    return {
        "case_id": case.id,
        "child_id": case.child_id,
        "kind": "nrm",
        "personal": False,
        "started_at": clock.now(),
        "state": "running",
        "owner_id": cast.social_worker.id,
        "owner_agency_id": cast.social_care.id,
        "author_id": cast.social_worker.id,
        "agency_id": cast.social_care.id,
        "created_at": clock.now(),
        "policy_version": "test",
    }


@pytest.mark.parametrize(
    "wrong", ["author", "agency", "child", "state", "case", "personal", "meeting", "source"]
)
def test_a_process_is_recorded_on_its_own_case_in_ones_own_name(
    rows: Session, cast: Cast, case: Case, asking: Asking, wrong: str
) -> None:
    other = case_of_three(rows, cast)
    theirs = make_process(rows, other, cast.officer)
    alone = theirs.case_id
    changes: dict[str, dict[str, Any]] = {
        "author": {"author_id": cast.officer.id},
        "agency": {"agency_id": cast.police.id},
        "child": {"child_id": other.child_id},
        "state": {"state": "ended", "ended_at": clock.now()},
        "case": {"case_id": alone},
        "personal": {"personal": True, "owner_id": cast.officer.id},
        "meeting": {"decision_id": new_id()},
        "source": {"came_from_id": theirs.id},
    }
    with asking(cast.social_worker) as session:
        session.add(LinkedProcess(id=new_id(), reference="LNP-0000-0001", **values(cast, case)))
        session.flush()
        said = values(cast, case) | {"kind": "channel"} | changes[wrong]
        session.add(LinkedProcess(id=new_id(), reference="LNP-0000-0002", **said))
        with pytest.raises(DBAPIError):
            session.flush()


@pytest.mark.parametrize(
    "column", ["kind", "case_id", "child_id", "started_at", "words", "author_id", "personal", "reference"]
)
def test_what_was_recorded_stands(cast: Cast, process: LinkedProcess, asking: Asking, column: str) -> None:
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"update linked_process set {column} = {column}"))  # noqa: S608 - columns of ours


def test_history_is_added_in_ones_own_name_and_never_changed(
    cast: Cast, process: LinkedProcess, asking: Asking
) -> None:
    with asking(cast.nurse) as session:
        note = {
            "process_id": process.id,
            "case_id": process.case_id,
            "kind": "note",
            "written_at": clock.now(),
        }
        theirs = {"author_id": cast.officer.id, "agency_id": cast.police.id}
        session.add(LinkedNote(id=new_id(), **note, **theirs))
        with pytest.raises(DBAPIError):
            session.flush()
    for table in ("linked_note", "linked_step"):
        with asking(cast.nurse) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(f"update {table} set case_id = case_id"))  # noqa: S608 - tables of ours


def test_a_step_is_recorded_once_and_in_ones_own_name(
    cast: Cast, process: LinkedProcess, asking: Asking
) -> None:
    done = {"state": "done", "done_at": clock.now(), "recorded_at": clock.now()}
    mine = {"recorded_by": cast.social_worker.id, "recorded_agency_id": cast.social_care.id}
    with asking(cast.social_worker) as session:
        with pytest.raises(DBAPIError, match="own name"), session.begin_nested():
            session.execute(update(LinkedStep).values(recorded_by=cast.officer.id, **done))
        assert changed(session, update(LinkedStep).values(**done, **mine)) == 1
        with pytest.raises(DBAPIError, match="stands as it is"):
            session.execute(update(LinkedStep).values(words="Said later"))


def test_what_has_ended_stays_ended(
    rows: Session, cast: Cast, process: LinkedProcess, asking: Asking
) -> None:
    with asking(cast.social_worker) as session:
        ends = update(LinkedProcess).values(state="ended", ended_at=clock.now(), outcome="conference")
        with pytest.raises(DBAPIError, match="own name"), session.begin_nested():
            session.execute(ends.values(ended_by=cast.officer.id))
        assert changed(session, ends.values(ended_by=cast.social_worker.id)) == 1
        with pytest.raises(DBAPIError, match="stands as it is"):
            session.execute(update(LinkedProcess).values(state="running", ended_at=None))


def test_on_a_sealed_case_nobody_sees_to_a_process_who_is_not_named(
    rows: Session, cast: Cast, case: Case, process: LinkedProcess, asking: Asking
) -> None:
    for person in (cast.social_worker, cast.coordinator):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    change = update(LinkedProcess).values(owner_id=cast.officer.id, owner_agency_id=cast.police.id)
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="sealed case"):
        session.execute(change)


@pytest.mark.parametrize("who", ["stranger", "neighbour", "governance", "community_safety"])
def test_whoever_does_not_read_the_case_reads_and_changes_nothing(
    cast: Cast, process: LinkedProcess, asking: Asking, who: str
) -> None:
    with asking(getattr(cast, who)) as session:
        for table in (LinkedProcess, LinkedStep, LinkedNote):
            assert session.scalars(select(table.id)).all() == []
        assert changed(session, update(LinkedProcess).values(their_reference="x")) == 0
        assert changed(session, update(LinkedStep).values(words="x")) == 0


def test_the_status_of_another_child_begins_with_no_process(
    rows: Session, cast: Cast, process: LinkedProcess, asking: Asking
) -> None:
    theirs = ChildStatus(
        id=new_id(), child_id=case_of_three(rows, cast).child_id, status="cp", agency_id=cast.social_care.id
    )
    rows.add(theirs)
    rows.commit()
    with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="is its child"):
        session.execute(update(LinkedProcess).values(status_id=theirs.id))
