"""Why words may stand that look like what must not be disclosed

Revision ID: 216c7cf5cc8a
Revises: 3d23dbd766a4
"""

import sqlalchemy as sa
from alembic import op

revision = "216c7cf5cc8a"
down_revision = "3d23dbd766a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was asked yet."""
    op.create_table(
        "held_words",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_held_words_agency_id")),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_held_words_child_id")),
        sa.ForeignKeyConstraint(["said_by"], ["app_user.id"], name=op.f("fk_held_words_said_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_words")),
    )
    op.create_index(op.f("ix_held_words_child_id"), "held_words", ["child_id"], unique=False)


def downgrade() -> None:
    """The words stay where they were written."""
    op.drop_table("held_words")
