"""Seal the audit trail in the database, and keep what was searched for apart

Batches that are as they were sealed get a digest of the new kind, which the database computes; the old one stays
beside it. A batch that is not keeps the old digest alone, and goes on being reported.

Revision ID: 4f1d8a6c92e7
Revises: 1b02402a5eca
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "4f1d8a6c92e7"
down_revision = "1b02402a5eca"
branch_labels = None
depends_on = None

#: Built while people go on writing.
CONCURRENTLY = {"ix_audit_event_connection": "audit_event (connection_id, connection_position)"}

#: What the digest of the former kind covers.
_FORMER = (
    *("id", "at", "xact", "actor_id", "agency_id", "session_id", "action", "subject_kind", "subject_id"),
    *("child_id", "case_id", "route", "ground", "address", "details"),
)

#: As `ctx.audit_digest` and `ctx.audit_header` have it at this revision, for rows of before.
_DIGEST = sa.text(
    """
select sha256(b.previous || convert_to(json_build_array(
           b.number, extract(epoch from b.sealed_at), b.rows, 0)::text, 'UTF8')
       || coalesce((
           select string_agg(sha256(convert_to(json_build_array(
                      e.id, extract(epoch from e.at), null, e.xact, e.actor_id, e.agency_id, e.session_id, e.action,
                      e.subject_kind, e.subject_id, e.child_id, e.case_id, e.route, e.ground, e.address, e.details,
                      null, null, null)::text, 'UTF8')), ''::bytea order by e.id)
             from audit_event e where e.seal_number = b.number), ''::bytea))
  from audit_seal b where b.number = :number"""
)


def upgrade() -> None:
    for column in (
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connection_id", sa.Uuid(), nullable=True),
        sa.Column("connection_position", sa.BigInteger(), nullable=True),
        sa.Column("connection_previous", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("audit_event", column)
    op.add_column("audit_seal", sa.Column("breaks", sa.Integer(), nullable=True))
    op.add_column("audit_seal", sa.Column("replaced_digest", sa.LargeBinary(), nullable=True))
    op.create_table(
        "audit_search",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_search")),
    )
    op.create_index(op.f("ix_audit_search_searched_at"), "audit_search", ["searched_at"])
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
    connection = op.get_bind()
    whole = [number for number, is_whole in _former_batches(connection) if is_whole]
    connection.execute(
        sa.text(
            "insert into audit_search (event_id, actor_id, searched_at, text)"
            " select id, actor_id, at, details ->> 'sought' from audit_event where details ? 'sought'"
        )
    )
    connection.execute(
        sa.text("update audit_event set details = details - 'sought' where details ? 'sought'")
    )
    _seal_anew(connection, set(whole))


def _seal_anew(connection: sa.Connection, whole: set[int]) -> None:
    number, digest = 0, b""
    for number, former in connection.execute(
        sa.text("select number, digest from audit_seal order by number")
    ).all():
        connection.execute(
            sa.text("update audit_seal set previous = :previous, breaks = 0 where number = :number"),
            {"previous": digest, "number": number},
        )
        digest = former
        if number in whole:
            digest = connection.execute(_DIGEST, {"number": number}).scalar_one()
            connection.execute(
                sa.text(
                    "update audit_seal set digest = :digest, replaced_digest = :former where number = :number"
                ),
                {"digest": digest, "former": former, "number": number},
            )
    connection.execute(
        sa.text("insert into audit_chain (id, number, digest) values (1, :number, :digest)"),
        {"number": number, "digest": digest},
    )


def _former_batches(connection: sa.Connection) -> Iterator[tuple[int, bool]]:
    """The batches, and whether each is as it was sealed: by its rows, and following the one before it."""
    expected, before = 1, b""
    batches = connection.execute(
        sa.text("select number, previous, digest from audit_seal order by number")
    ).all()
    for batch in batches:
        digest = hashlib.sha256(batch.previous)
        for row in connection.execute(
            sa.text(
                f"select {', '.join(_FORMER)} from audit_event where seal_number = :number order by xact, id"  # noqa: S608 - names of our own
            ),
            {"number": batch.number},
        ):
            content = json.dumps(
                row._asdict(), sort_keys=True, separators=(",", ":"), default=_plain
            ).encode()
            digest.update(len(content).to_bytes(8) + content)
        yield (
            batch.number,
            (batch.number, batch.previous, batch.digest) == (expected, before, digest.digest()),
        )
        expected, before = batch.number + 1, batch.digest


def _plain(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def downgrade() -> None:
    """Back to rows that nobody has sealed: the former kind of digest is made anew by the former sealer."""
    op.execute(
        "update audit_event e set details = e.details || jsonb_build_object('sought', s.text)"
        " from audit_search s where s.event_id = e.id"
    )
    op.execute("update audit_event set seal_number = null")
    op.execute("delete from audit_seal")
    op.drop_table("audit_chain")
    op.drop_table("audit_search")
    for name in ("replaced_digest", "breaks"):
        op.drop_column("audit_seal", name)
    op.drop_index("ix_audit_event_connection", table_name="audit_event", if_exists=True)
    for name in ("connection_previous", "connection_position", "connection_id", "recorded_at"):
        op.drop_column("audit_event", name)
