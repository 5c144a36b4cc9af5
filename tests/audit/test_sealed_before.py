"""What an earlier release sealed is checked by the upgrade and sealed anew; what was altered is reported."""

import hashlib
import importlib.util
import json
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.audit.conftest import Look, Tamper
from tests.structure.source import ROOT

FILE = ROOT / "migrations" / "versions" / "4f1d8a6c92e7_audit_sealing.py"


@pytest.fixture
def migration() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_sealing", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sealed(rows: Session) -> Session:
    """Three batches of two rows, as the former release left them; no trigger stamps what is written here."""
    rows.execute(text("set local session_replication_role = replica"))
    previous = b""
    for number in (1, 2, 3):
        digest = hashlib.sha256(previous)
        for xact in (10 * number, 10 * number + 1):
            rows.execute(
                text(
                    "insert into audit_event (id, at, xact, action, details, seal_number) values"
                    " (gen_random_uuid(), now(), :xact, 'case:view', cast(:details as jsonb), :number)"
                ),
                {"xact": xact, "details": json.dumps({"level": 1.5, "what": "né à Łódź"}), "number": number},
            )
            row = rows.execute(text("select * from audit_event where xact = :xact"), {"xact": xact}).one()
            digest.update(former(row._asdict()))
        values = {"number": number, "digest": digest.digest(), "previous": previous}
        rows.execute(text("insert into audit_seal values (:number, now(), 2, :digest, :previous)"), values)
        previous = digest.digest()
    return rows


def former(row: dict[str, Any]) -> bytes:
    """One row as the former sealer took it in."""
    later = {"seal_number", "recorded_at", "connection_id", "connection_position", "connection_previous"}
    kept = {name: value for name, value in row.items() if name not in later}
    content = json.dumps(kept, sort_keys=True, separators=(",", ":"), default=_plain).encode()
    return len(content).to_bytes(8) + content


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def seal_anew(migration: ModuleType, rows: Session) -> set[int]:
    """What the upgrade does with the batches that are there. Returns those that it found whole."""
    connection = rows.connection()
    whole = {number for number, is_whole in migration._former_batches(connection) if is_whole}
    rows.execute(text("delete from audit_chain"))
    migration._seal_anew(connection, whole)
    rows.commit()
    return whole


def test_whole_batches_are_sealed_anew_and_keep_their_former_digest(
    migration: ModuleType, sealed: Session, look: Look, tamper: Tamper
) -> None:
    assert seal_anew(migration, sealed) == {1, 2, 3}
    assert look().faults == []
    assert sealed.execute(text("select count(replaced_digest) from audit_seal")).scalar_one() == 3
    tamper("update audit_event set ground = 'x' where xact = 21")
    assert look().faults == ["Batch 2 is not as it was sealed."]


@pytest.mark.parametrize(
    ("alteration", "whole", "fault"),
    [
        ("update audit_event set ground = 'x' where xact = 21", {1, 3}, "Batch 2 is not as it was sealed."),
        ("delete from audit_event where xact = 11", {2, 3}, "Batch 1 is not as it was sealed."),
        ("delete from audit_seal where number = 2", {1}, "Batches 2 to 2 are missing."),
    ],
)
def test_a_batch_that_was_altered_before_the_upgrade_is_reported_after_it(
    migration: ModuleType, sealed: Session, look: Look, alteration: str, whole: set[int], fault: str
) -> None:
    sealed.execute(text(alteration))
    assert seal_anew(migration, sealed) == whole
    assert fault in look().faults
