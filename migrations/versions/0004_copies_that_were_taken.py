"""The sharing ledger: who took which record out of the portal as a file

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "taken_copy",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_agency_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cre_case.id"], name=op.f("fk_taken_copy_case_id")),
        sa.ForeignKeyConstraint(
            ["taken_agency_id"], ["agency.id"], name=op.f("fk_taken_copy_taken_agency_id")
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["app_user.id"], name=op.f("fk_taken_copy_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taken_copy")),
    )
    op.create_index(
        "uq_taken_copy_reference",
        "taken_copy",
        ["reference", "case_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_taken_copy_taken", "taken_copy", ["taken_at", "id"], unique=False)
    op.create_index("ix_taken_copy_subject", "taken_copy", ["subject_reference"], unique=False)
    op.create_index(op.f("ix_taken_copy_case_id"), "taken_copy", ["case_id"], unique=False)
    op.create_index(op.f("ix_taken_copy_taken_by"), "taken_copy", ["taken_by"], unique=False)
    op.create_index(op.f("ix_taken_copy_taken_agency_id"), "taken_copy", ["taken_agency_id"], unique=False)


def downgrade() -> None:
    op.drop_table("taken_copy")
