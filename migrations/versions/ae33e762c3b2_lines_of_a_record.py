"""Decisions and actions as they are typed in one line under a heading of a meeting

Revision ID: ae33e762c3b2
Revises: 985596ca5aea
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "ae33e762c3b2"
down_revision = "985596ca5aea"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is typed in a line yet."""
    table = "meeting_draft"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_draft")),
        sa.CheckConstraint(
            "(added_at is null) = (record_id is null)", name=op.f("ck_meeting_draft_added_as_a_record")
        ),
        sa.CheckConstraint(
            "kind <> 'action' or case_id is not null", name=op.f("ck_meeting_draft_action_on_a_child")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["agenda_item.id"],
            name=op.f("fk_meeting_draft_item_id_agenda_item"),
            ondelete="CASCADE",
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
            for column, other in (
                ("meeting_id", "meeting"),
                ("case_id", "cre_case"),
                ("saved_by", "app_user"),
            )
        ),
    )
    op.create_index("ix_meeting_draft_meeting", table, ["meeting_id", "made_at"])
    for column in ("item_id", "case_id"):
        op.create_index(op.f(f"ix_meeting_draft_{column}"), table, [column])


def downgrade() -> None:
    op.drop_table("meeting_draft")
