"""What a meeting hears of the actions of last time

Revision ID: a64b7b0795bf
Revises: 6146454bd3dd
"""

import sqlalchemy as sa
from alembic import op

revision = "a64b7b0795bf"
down_revision = "6146454bd3dd"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action_review",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "action_id", name=op.f("pk_action_review")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_action_review_{column}_{other}")
            )
            for column, other in (
                ("meeting_id", "meeting"),
                ("action_id", "action"),
                ("case_id", "cre_case"),
                ("saved_by", "app_user"),
            )
        ),
    )
    for column in ("action_id", "case_id"):
        op.create_index(op.f(f"ix_action_review_{column}"), "action_review", [column])


def downgrade() -> None:
    op.drop_table("action_review")
