"""Intelligence on a case: its grading, until the police release it, and its source

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entry_grading",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("source_grade", sa.Text(), nullable=False),
        sa.Column("information_grade", sa.Text(), nullable=False),
        sa.Column("handling_code", sa.Text(), nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("forbids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("graded_by", sa.Uuid(), nullable=False),
        sa.Column("graded_agency_id", sa.Uuid(), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_agency_id", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["chronology_entry.id"], name=op.f("fk_entry_grading_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["graded_agency_id"], ["agency.id"], name=op.f("fk_entry_grading_graded_agency_id")
        ),
        sa.ForeignKeyConstraint(["graded_by"], ["app_user.id"], name=op.f("fk_entry_grading_graded_by")),
        sa.ForeignKeyConstraint(
            ["released_agency_id"], ["agency.id"], name=op.f("fk_entry_grading_released_agency_id")
        ),
        sa.ForeignKeyConstraint(["released_by"], ["app_user.id"], name=op.f("fk_entry_grading_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_grading")),
    )
    op.create_index(op.f("ix_entry_grading_entry_id"), "entry_grading", ["entry_id"], unique=False)
    op.create_index(
        "uq_entry_grading_live",
        "entry_grading",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(
        "ix_entry_grading_waiting",
        "entry_grading",
        ["graded_at", "id"],
        unique=False,
        postgresql_where=sa.text("replaced_at IS NULL AND released_at IS NULL"),
    )
    op.create_table(
        "entry_source",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("author_agency_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_agency_id"], ["agency.id"], name=op.f("fk_entry_source_author_agency_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["app_user.id"], name=op.f("fk_entry_source_author_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["chronology_entry.id"], name=op.f("fk_entry_source_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_source")),
    )


def downgrade() -> None:
    op.drop_table("entry_source")
    op.drop_table("entry_grading")
