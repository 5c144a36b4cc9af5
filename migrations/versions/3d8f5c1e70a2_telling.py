"""Who is told of what: the event and the ground of each message, who could not be told, and what is news of a case

Revision ID: 3d8f5c1e70a2
Revises: 1f4b8e20c7d3
"""

import sqlalchemy as sa
from alembic import op

revision = "3d8f5c1e70a2"
down_revision = "1f4b8e20c7d3"
branch_labels = None
depends_on = None

CONCURRENTLY = {
    "ix_outbox_message_digest": "outbox_message (recipient_id, created_at) where channel = 'digest'",
}


def upgrade() -> None:
    """With defaults in the database: processes of the release before write messages without these columns."""
    op.add_column("outbox_message", sa.Column("event", sa.Text(), nullable=True))
    op.add_column("outbox_message", sa.Column("ground", sa.Text(), nullable=True))
    op.add_column(
        "outbox_message", sa.Column("last_word", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _untold()
    op.create_table(
        "case_news",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("cre_case.id"), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), sa.ForeignKey("app_user.id"), nullable=False),
        sa.Column("by_agency_id", sa.Uuid(), sa.ForeignKey("agency.id"), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_news_case", "case_news", ["case_id", "at"])
    op.create_table(
        "case_looked",
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("app_user.id"), nullable=False),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("cre_case.id"), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "case_id"),
    )
    op.create_index("ix_case_looked_case_id", "case_looked", ["case_id"])


def _untold() -> None:
    op.create_table(
        "untold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), sa.ForeignKey("app_user.id"), nullable=True),
        sa.Column("recipient_team_id", sa.Uuid(), sa.ForeignKey("team.id"), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("cre_case.id"), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("caused_by", sa.Uuid(), sa.ForeignKey("app_user.id"), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seen_to_by", sa.Uuid(), sa.ForeignKey("app_user.id"), nullable=True),
        sa.Column("seen_to_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("seen_to_words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_untold_open", "untold", ["created_at", "id"], postgresql_where=sa.text("seen_to_at is null")
    )
    op.create_index("ix_untold_case", "untold", ["case_id"])


def downgrade() -> None:
    op.execute("drop index if exists ix_outbox_message_digest")
    for table in ("case_looked", "case_news", "untold"):
        op.drop_table(table)
    for column in ("last_word", "ground", "event"):
        op.drop_column("outbox_message", column)
