"""Why somebody looks at very much, and whom governance lets do so

Revision ID: 92670372e177
Revises: d4399e916b9e
"""

import sqlalchemy as sa
from alembic import op

revision = "92670372e177"
down_revision = "d4399e916b9e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was asked yet."""
    op.create_table(
        "look_reason",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_look_reason_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_reason")),
    )
    op.create_index("ix_look_reason_user", "look_reason", ["user_id", "said_at"], unique=False)
    op.create_table(
        "look_exception",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["named_by"], ["app_user.id"], name=op.f("fk_look_exception_named_by")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_look_exception_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_exception")),
    )
    op.create_index("ix_look_exception_user", "look_exception", ["user_id", "until"], unique=False)


def downgrade() -> None:
    """Why somebody looked goes; what they looked at stays."""
    op.drop_table("look_exception")
    op.drop_table("look_reason")
