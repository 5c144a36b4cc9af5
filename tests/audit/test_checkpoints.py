"""Lines outside the database show what the chain alone cannot: a trail sealed anew, one that ends early."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from config import settings
from config.audit import CHECKPOINTS, audit
from portal.access.model import Heartbeat
from portal.access.verification import Checkpoints
from portal.demo import postgres, run
from portal.extensions import db
from portal.reminders import worker as clockwork
from tests.audit.conftest import KEY, Look, Tamper, Write
from tests.structure.source import ROOT

Seal = Callable[[], int]

SEALED_ANEW = (
    "update audit_event set seal_number = null",
    "delete from audit_seal",
    "update audit_chain set number = 0, digest = ''",
)


def note(worker: Engine, notes: Checkpoints) -> int:
    with worker.connect() as connection:
        return notes.write(connection)


def test_where_the_trail_stands_is_noted_once(
    write: Write, seal: Seal, worker: Engine, notes: Checkpoints, look: Look
) -> None:
    assert note(worker, notes) == 0, "an empty trail has nothing to note"
    write("case:view")
    seal()
    assert [note(worker, notes), note(worker, notes)] == [1, 0]
    assert (look().faults, look().status) == ([], 0)
    assert notes.path.stat().st_mode & 0o007 == 0, "strangers on the machine do not read it"


def test_a_trail_that_was_altered_and_sealed_anew_is_found(
    write: Write, seal: Seal, worker: Engine, notes: Checkpoints, tamper: Tamper, look: Look
) -> None:
    write("case:view")
    seal()
    note(worker, notes)
    tamper(
        "update audit_event set action = 'case:close'",
        "update audit_event set connection_position = null, connection_id = null",
        *SEALED_ANEW,
    )
    assert seal() == 1
    assert look().faults == ["Batch 1 is not the one that line 1 of the checkpoints says."]
    notes.path.unlink()
    assert (look().faults, look().status) == ([], 2), "the chain alone is whole again, and that much is said"


def test_a_tail_that_is_gone_is_found(
    write: Write, seal: Seal, worker: Engine, notes: Checkpoints, tamper: Tamper, look: Look
) -> None:
    for _ in range(3):
        write("case:view")
        seal()
    note(worker, notes)
    tamper("delete from audit_event where seal_number = 3", "delete from audit_seal where number = 3")
    assert "The audit trail should end with batch 3, and ends with 2." in look().faults
    tamper("update audit_chain set number = 2, digest = (select digest from audit_seal where number = 2)")
    assert look().faults == ["The checkpoints say that there was a batch 3; the audit trail ends with 2."]


def test_a_trail_of_which_all_is_gone_is_found(
    write: Write, seal: Seal, worker: Engine, notes: Checkpoints, tamper: Tamper, look: Look
) -> None:
    write("case:view")
    seal()
    note(worker, notes)
    tamper(
        "delete from audit_event", "delete from audit_seal", "update audit_chain set number = 0, digest = ''"
    )
    assert look().faults == ["The checkpoints say that there was a batch 1; the audit trail ends with none."]
    tamper("delete from audit_chain")
    assert "Where the audit trail ends is no longer noted in the database." in look().faults
    tamper("insert into audit_chain values (1, 0, '')")


def test_lines_that_were_forged_removed_or_exchanged_are_found(
    write: Write, seal: Seal, worker: Engine, notes: Checkpoints, look: Look
) -> None:
    for _ in range(3):
        write("case:view")
        seal()
        note(worker, notes)
    first, second, third = notes.path.read_text("ascii").splitlines()
    for lines, fault in (
        ((first, third), "Before line 2 of "),
        ((second, third), "Before line 1 of "),
        ((second, first, third), "Before line "),
        ((first, second, third[:-3]), "Line 3 of "),
    ):
        notes.path.write_text("\n".join(lines) + "\n", "ascii")
        assert any(found.startswith(fault) for found in look().faults), fault
    notes.path.write_text("", "ascii")
    note(worker, Checkpoints(notes.path, "another secret, which is long enough"))
    assert look().faults == [f"Line 1 of {notes.path} was not written by the portal."]


def test_a_new_key_goes_on_in_the_same_file_and_the_former_signs_nothing_more(
    write: Write, seal: Seal, worker: Engine, notes: Checkpoints, look: Look
) -> None:
    write("case:view")
    seal()
    note(worker, notes)
    rotated = Checkpoints(notes.path, "the new key of the lines, long enough", KEY)
    write("case:view")
    seal()
    assert note(worker, rotated) == 1
    assert (rotated.read().count, rotated.read().faults) == (2, ())
    assert "Line 2" in look().faults[0], "the former key alone does not know the new one"
    write("case:view")
    seal()
    note(worker, notes)  # whoever stole the former key
    assert rotated.read().faults == (f"Line 3 of {notes.path} was not written by the portal.",)


def test_lines_from_before_they_were_chained_are_still_compared(
    write: Write, seal: Seal, notes: Checkpoints, tamper: Tamper, look: Look
) -> None:
    write("case:view")
    seal()
    notes.path.write_text(str(notes._signers[0].dumps([1, "ab" * 32])) + "\n", "ascii")
    assert look().faults == ["Batch 1 is not the one that line 1 of the checkpoints says."]
    tamper("update audit_seal set replaced_digest = decode(repeat('ab', 32), 'hex')")
    assert look().faults == []


def test_what_somebody_looked_into_is_shown_and_no_longer_reported(
    app: Flask, write: Write, seal: Seal, worker: Engine, notes: Checkpoints, tamper: Tamper, look: Look
) -> None:
    for _ in range(3):
        write("case:view")
        seal()
        note(worker, notes)
    with app.app_context():
        db.engine.dispose()
    # As after the restore of an older backup.
    tamper(
        "delete from audit_event where seal_number = 3",
        "delete from audit_seal where number = 3",
        "update audit_chain set number = 2, digest = (select digest from audit_seal where number = 2)",
    )
    assert look().status == 1
    with worker.connect() as connection:
        notes.accept(connection, reason="restored the backup of the night", counts=look().counts, batches=())
    assert look().faults == []
    assert any("restored the backup of the night" in one for one in look().notes)
    write("case:view")
    seal()
    note(worker, notes)
    assert look().status == 0, "the trail goes on with another batch 3"
    tamper("update audit_event set action = 'x' where seal_number = 3")
    assert look().faults == ["Batch 3 is not as it was sealed."]


def test_lines_that_have_stopped_are_said(
    write: Write, seal: Seal, worker: Engine, notes: Checkpoints, look: Look, app: Flask
) -> None:
    write("case:view")
    seal()
    signer = notes._signers[0]
    write("case:view")
    seal()
    said = {"kind": "end", "batch": 1, "digest": "", "at": "2026-01-01T00:00:00+00:00", "before": ""}
    notes.path.write_text(f"{signer.dumps(said)!s}\n", "ascii")
    assert any("is on none" in one for one in look().unchecked)


def test_the_demonstration_writes_lines_too_and_a_deployment_unless_it_says_where(
    server: postgres.Server, tmp_path: Path
) -> None:
    (tmp_path / "mail").mkdir()
    environment = run._environment(server, tmp_path, address="http://a", providers="http://b")
    found = settings.from_environment(environment)
    assert Path(found["AUDIT_CHECKPOINTS"]).parent == tmp_path
    assert len(found["AUDIT_CHECKPOINT_KEY"]) >= 32
    assert found["AUDIT_CHECKPOINT_KEY"] != found["SECRET_KEY"] != found["SEARCH_HASH_KEY"]
    assert audit({"SEARCH_HASH_KEY": "x" * 32}, "production")["AUDIT_CHECKPOINTS"] == CHECKPOINTS
    unit = (ROOT / "docs" / "deploy" / "portal-worker.service").read_text("utf-8")
    assert f"StateDirectory={Path(CHECKPOINTS).parent.name}\n" in unit, "the worker may write there"


def test_the_tick_writes_and_without_a_file_has_nothing_to_do(
    write: Write, seal: Seal, worker: Engine, notes: Checkpoints, rows: Session
) -> None:
    write("case:view")
    seal()
    clockwork.run_once(worker, clockwork.checkpoint_tick(None))
    assert not notes.path.exists()
    clockwork.run_once(worker, clockwork.checkpoint_tick(notes))
    assert notes.read().count == 1
    assert [beat.tick for beat in rows.scalars(select(Heartbeat))] == [clockwork.CHECKPOINTING]
