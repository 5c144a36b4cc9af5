"""Who was taken off a closed part of minutes, and why

Revision ID: 663371fe3065
Revises: d61f0b94a7c3
"""

import sqlalchemy as sa
from alembic import op

revision = "663371fe3065"
down_revision = "d61f0b94a7c3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of nobody who was taken off before is it known why."""
    table = "closed_reader_end"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("closed_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_reader_end")),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
            for column, other in (
                ("closed_id", "closed_minute"),
                ("user_id", "app_user"),
                ("ended_by", "app_user"),
            )
        ),
    )
    op.create_index(op.f("ix_closed_reader_end_closed_id"), table, ["closed_id"])


def downgrade() -> None:
    op.drop_table("closed_reader_end")
