"""What happened to a concern, and what looks alike and is not the same

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "concern_change",
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_agency_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_agency_id"], ["agency.id"], name=op.f("fk_concern_change_changed_agency_id")
        ),
        sa.ForeignKeyConstraint(["changed_by"], ["app_user.id"], name=op.f("fk_concern_change_changed_by")),
        sa.ForeignKeyConstraint(["concern_id"], ["concern.id"], name=op.f("fk_concern_change_concern_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_change")),
    )
    op.create_index("ix_concern_change_concern", "concern_change", ["concern_id", "changed_at"], unique=False)
    op.create_table(
        "concern_difference",
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(undone_at is null) = (undone_by is null)", name=op.f("ck_concern_difference_undone_by_somebody")
        ),
        sa.CheckConstraint("other_id <> concern_id", name=op.f("ck_concern_difference_two_of_them")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_concern_difference_agency_id")),
        sa.ForeignKeyConstraint(
            ["concern_id"], ["concern.id"], name=op.f("fk_concern_difference_concern_id")
        ),
        sa.ForeignKeyConstraint(["other_id"], ["concern.id"], name=op.f("fk_concern_difference_other_id")),
        sa.ForeignKeyConstraint(["said_by"], ["app_user.id"], name=op.f("fk_concern_difference_said_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["app_user.id"], name=op.f("fk_concern_difference_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_difference")),
    )
    op.create_index(
        op.f("ix_concern_difference_concern_id"), "concern_difference", ["concern_id"], unique=False
    )
    op.create_index(op.f("ix_concern_difference_other_id"), "concern_difference", ["other_id"], unique=False)


def downgrade() -> None:
    op.drop_table("concern_difference")
    op.drop_table("concern_change")
